"""Gates pass, fail or remain undecided; what could not be measured never helps them."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ftrunner.errors import ExitCode
from ftrunner.evaluation.measured import Graded, MeasuredSet
from ftrunner.evaluation.sets.claims import BOUNDS, bound_on
from ftrunner.evaluation.sets.gates import GateOutcome, exit_code, judge_gates
from ftrunner.evaluation.statistics.words import GateResult
from ftrunner.spec import build_tests
from ftrunner.spec.testing import Asking, Gate, Tests
from tests.kit.measured import measured, pair

PASSED, FAILED = GateResult.PASSED, GateResult.FAILED
UNDECIDED, SKIPPED = GateResult.UNDECIDED, GateResult.SKIPPED
LABELS = ["a", "b"] * 50


def gate(**claim: Any) -> Gate:
    return Gate(**{"name": "tickets", "set": "tickets", **claim})


def judged(
    one: Gate, tuned: MeasuredSet, other: MeasuredSet | None = None, **tests: Any
) -> GateOutcome:
    models = {"tuned": tuned} | ({"base": other} if other else {})
    (outcome,) = judge_gates(Tests(gates=(one,), **tests), {"tickets": models})
    return outcome


@pytest.mark.parametrize(
    ("claim", "better", "worse", "of", "result", "bound"),
    [
        ({"better_than": "base"}, 6, 0, 20, PASSED, 0.02866),
        ({"better_than": "base"}, 5, 0, 20, UNDECIDED, None),
        ({"better_than": "base"}, 0, 6, 20, FAILED, -0.02866),
        ({"better_than": "base"}, 3, 0, 3, UNDECIDED, -0.51058),
        ({"better_than": "base", "by": 0.05}, 29, 4, 200, PASSED, 0.06215),
        ({"better_than": "base", "by": 0.0622}, 29, 4, 200, UNDECIDED, 0.06215),
        ({"better_than": "base", "by": 0.19}, 29, 4, 200, FAILED, 0.18373),
        ({"not_worse_than": "base", "margin": 0.02}, 0, 0, 218, PASSED, -0.01999),
        ({"not_worse_than": "base", "margin": 0.02}, 0, 0, 217, UNDECIDED, -0.02009),
        ({"not_worse_than": "base", "margin": 0.2}, 0, 0, 20, UNDECIDED, -0.202),
        ({"not_worse_than": "base", "margin": 0.02}, 2, 30, 200, FAILED, None),
    ],
)
def test_claims_about_two_models(
    claim: dict[str, Any], better: int, worse: int, of: int, result: GateResult, bound: float | None
) -> None:
    found = judged(gate(**claim), *pair(better, worse, of))

    assert found.result is result
    assert found.value == pytest.approx((better - worse) / of)
    if bound is not None:
        assert found.bound == pytest.approx(bound, abs=1e-5)


def test_averaged_and_clustered_values_have_a_third_imaginary_row_at_any_threshold() -> None:
    """Six better of twenty are shown by single answers, and by nothing else."""
    tuned, other = [1.0] * 6 + [0.0] * 14, [0.0] * 20
    better = gate(better_than="base")

    single = judged(better, measured(tuned), measured(other))
    twice = judged(better, measured([[a, a] for a in tuned]), measured([[b, b] for b in other]))
    names = [str(i) for i in range(20)]
    together = judged(better, measured(tuned, clusters=names), measured(other, clusters=names))
    scored = judged(gate(better_than="base", metric="score"), measured(tuned), measured(other))

    assert single.result is PASSED
    assert {one.result for one in (twice, together, scored)} == {UNDECIDED}
    assert twice.bound == pytest.approx(together.bound)


@pytest.mark.parametrize(
    ("passed", "of", "at_least", "point", "result"),
    [
        (72, 72, 0.95, False, PASSED),
        (71, 71, 0.95, False, UNDECIDED),
        (19, 20, 0.95, True, PASSED),
        (18, 20, 0.95, True, FAILED),
        (20, 100, 0.5, False, FAILED),
    ],
)
def test_claims_about_one_model(
    passed: int, of: int, at_least: float, point: bool, result: GateResult
) -> None:
    tuned = measured([1.0] * passed + [0.0] * (of - passed))

    found = judged(gate(at_least=at_least, point=point), tuned)

    assert found.result is result
    assert found.value == passed / of


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "precision.a", "recall.b", "score"])
def test_every_metric_may_be_claimed(metric: str) -> None:
    tuned = measured(LABELS, truths=LABELS)
    base = measured(["a"] * 100, truths=LABELS)

    reached = judged(gate(metric=metric, at_least=0.9), tuned)
    better = judged(gate(metric=metric, better_than="base", by=0.2), tuned, base)

    assert reached.result is PASSED
    assert better.result is PASSED
    assert judged(gate(metric=metric, at_least=0.999), tuned).result is UNDECIDED


def test_a_rare_label_leaves_a_gate_open() -> None:
    truths = ["a"] * 9 + ["b"] * 91
    found = judged(gate(metric="macro_f1", at_least=0.5), measured(truths, truths=truths))

    assert found.result is UNDECIDED
    assert found.why == "fewer than 10 rows have the label 'a'"
    assert not found.unmeasured


def answers(*seconds: float | None, tokens: int = 10, at: float = 1000.0) -> list[Graded | None]:
    return [
        None
        if one is None
        else Graded(
            passed=True, score=1, seconds=one, tokens_in=5, tokens_out=tokens, at=at + number
        )
        for number, one in enumerate(seconds)
    ]


BOUNDED: tuple[tuple[dict[str, float], GateResult, float], ...] = (
    ({"latency_p50": 2.0}, PASSED, 2.0),
    ({"latency_p50": 1.9}, FAILED, 2.0),
    ({"latency_p95": 3.0}, PASSED, 3.0),
    ({"latency_p95": 2.9}, FAILED, 3.0),
    ({"tokens_out_median": 10}, PASSED, 10),
    ({"tokens_out_median": 9}, FAILED, 10),
    ({"cost_per_answer": 0.01}, PASSED, 0.01),
    ({"cost_per_answer": 0.0099}, FAILED, 0.01),
)


@pytest.mark.parametrize(("claim", "result", "bound"), BOUNDED)
@pytest.mark.parametrize("named", [True, False])
def test_bounds_on_latency_cost_and_length(
    claim: dict[str, Any], result: GateResult, bound: float, named: bool
) -> None:
    tuned = measured(answers(1.0, 2.0, 3.0))
    one = Gate("bound", set="tickets" if named else None, **claim)

    (found,) = judge_gates(
        Tests(gates=(one,)),
        {"tickets": {"tuned": tuned}},
        price=lambda answer: 0.001 * (answer.tokens_out or 0),
    )

    assert found.result is result
    assert found.bound == pytest.approx(bound)
    assert found.oldest == 1000.0


def test_a_slow_failure_does_not_make_a_model_faster() -> None:
    quick = answers(*[1.0] * 17, 9.0, 9.0, None)

    found = judged(gate(latency_p95=2.0), measured(quick))

    assert found.result is FAILED
    assert judged(gate(latency_p50=2.0), measured(quick)).result is PASSED


def test_costs_without_a_price_are_open() -> None:
    found = judged(gate(cost_per_answer=0.01), measured(answers(1.0, 2.0)))

    assert (found.result, found.holds) == (UNDECIDED, False)
    assert "`prices` in the spec can give one" in found.why


def test_an_answer_without_usage_is_not_free() -> None:
    unknown = [Graded(passed=True, score=1, tokens_out=None)] * 20
    one = gate(cost_per_answer=0.01)

    (found,) = judge_gates(
        Tests(gates=(one,)), {"tickets": {"tuned": measured(unknown)}}, price=lambda _: 0.0
    )

    assert found.result is UNDECIDED


# Unmeasured answers


CLAIMS = (
    {"better_than": "base"},
    {"better_than": "base", "by": 0.05},
    {"not_worse_than": "base", "margin": 0.05},
    {"at_least": 0.6},
    {"at_least": 0.6, "point": True},
)
RANK = {FAILED: 0, UNDECIDED: 1, PASSED: 2}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("share", [0.005, 0.1])
def test_a_request_that_failed_never_helps_a_model(claim: dict[str, Any], share: float) -> None:
    """Whatever the answers: the result is the same without failures, or less."""
    chance = Random(5)
    seen = set()
    for _ in range(15):
        lift = chance.choice([-0.2, -0.05, 0.0, 0.1, 0.25])
        base = [float(chance.random() < 0.6) for _ in range(200)]
        tuned = [float(chance.random() < 0.6 + lift) for _ in range(200)]
        whole = judged(gate(**claim), measured(tuned), measured(base))
        lost: list[float | None] = list(tuned)
        for number in chance.sample(range(200), round(200 * share)):
            lost[number] = None
        for undecided in ("fail", "pass"):
            other = judged(gate(**claim), measured(lost), measured(base), undecided=undecided)
            if other.result is not UNDECIDED:
                assert other.result is whole.result
            if whole.result is FAILED:
                assert not other.holds
            if share == 0.1:
                assert other.result is UNDECIDED
                assert not other.holds
            seen.add((whole.result, other.result))
    assert len(seen) > 1


def test_twelve_worse_and_two_better_stay_unproven_where_a_judge_fails_on_eight_of_them() -> None:
    lost: list[float | None] = [*[None] * 8, *[0.0] * 4, *[1.0] * 188]
    base = [1.0] * 12 + [0.0] * 2 + [1.0] * 186
    claim = gate(not_worse_than="base", margin=0.02)

    found = judged(claim, measured(lost), measured(base), undecided="pass")

    assert found.result is UNDECIDED
    assert not found.holds
    assert found.why == "8 of 200 rows could not be measured"


def test_one_missing_row_may_be_excused_where_it_could_not_decide() -> None:
    rows: list[float | None] = [1.0, 0.0] * 20
    base = [0.0, 1.0] * 20
    claim = gate(better_than="base")

    found = judged(claim, measured([None, *rows[1:]]), measured(base), undecided="pass")

    assert found.result is UNDECIDED
    assert found.holds


def test_one_missing_row_is_not_excused_where_it_could_decide() -> None:
    tuned: list[float | None] = [1.0] * 5 + [None] + [0.0] * 14

    found = judged(
        gate(better_than="base"), measured(tuned), measured([0.0] * 20), undecided="pass"
    )

    assert found.result is UNDECIDED
    assert not found.holds


def test_without_any_answer_a_gate_is_open_and_never_excused() -> None:
    nothing = measured([None] * 20)

    for one in (gate(better_than="base"), gate(at_least=0.1), gate(latency_p95=1.0)):
        found = judged(one, nothing, nothing, undecided="pass")
        assert (found.result, found.holds) == (UNDECIDED, False)
    (found,) = judge_gates(Tests(gates=(gate(better_than="base"),), undecided="pass"), {})
    assert not found.holds


def test_the_share_that_may_be_missing_is_the_spec_s() -> None:
    tuned = measured([None] * 10 + [1.0] * 190)
    loose = Asking(unmeasured=0.05)

    assert judged(gate(at_least=0.5), tuned).result is UNDECIDED
    assert judged(gate(at_least=0.5), tuned, run=loose).result is PASSED


# What follows from all gates


def outcomes(*results: tuple[GateResult, bool]) -> list[GateOutcome]:
    return [GateOutcome(gate(at_least=0.5), r, "", excused=excused) for r, excused in results]


@pytest.mark.parametrize(
    ("prompts_passed", "results", "code"),
    [
        (True, [], ExitCode.DONE),
        (False, [], ExitCode.TESTS_FAILED),
        (True, [(PASSED, False)], ExitCode.DONE),
        (True, [(UNDECIDED, False), (PASSED, False)], ExitCode.NOT_ENOUGH_EVIDENCE),
        (True, [(UNDECIDED, True), (SKIPPED, False)], ExitCode.DONE),
        (True, [(UNDECIDED, False), (FAILED, False)], ExitCode.TESTS_FAILED),
        (False, [(UNDECIDED, False)], ExitCode.TESTS_FAILED),
        (True, [(UNDECIDED, True), (UNDECIDED, False)], ExitCode.NOT_ENOUGH_EVIDENCE),
    ],
)
def test_a_failure_counts_before_an_open_gate(
    prompts_passed: bool, results: list[tuple[GateResult, bool]], code: ExitCode
) -> None:
    assert exit_code(outcomes(*results), prompts_passed=prompts_passed) is code


@pytest.mark.parametrize(
    ("undecided", "holds"),
    [("fail", False), ("pass", True), (("tickets",), True), (("other",), False)],
)
def test_an_open_gate_may_be_excused_by_the_spec(undecided: Any, holds: bool) -> None:
    found = judged(gate(better_than="base"), *pair(0, 0, 20), undecided=undecided)

    assert found.result is UNDECIDED
    assert found.holds is holds


def test_a_failed_gate_is_never_excused() -> None:
    found = judged(gate(better_than="base"), *pair(0, 20, 40), undecided="pass")

    assert (found.result, found.holds) == (FAILED, False)


def test_a_gate_on_current_is_skipped_where_it_says_nothing() -> None:
    one = gate(not_worse_than="current", margin=0.02)

    (found,) = judge_gates(Tests(gates=(one,)), {}, skipped={"current": "no model is current yet"})

    assert (found.result, found.why) == (SKIPPED, "no model is current yet")
    assert exit_code([found], prompts_passed=True) is ExitCode.DONE


@pytest.mark.parametrize(
    ("one", "counts", "text"),
    [
        (
            gate(better_than="base", by=0.05),
            (29, 4, 200),
            "+12.5; the gate's stricter lower bound +6.2 is above +5 "
            "(29 better, 4 worse of 200 rows)",
        ),
        (
            gate(not_worse_than="base", margin=0.02),
            (0, 0, 217),
            "0; −2 lies within the gate's stricter bounds −2.009 to +2.009 "
            "(0 better, 0 worse of 217 rows); "
            "about 218 rows in all would settle it, if the rest are like these",
        ),
        (
            gate(better_than="base"),
            (0, 6, 20),
            "−30; the upper bound −2.9 is below 0 (0 better, 6 worse of 20 rows)",
        ),
        (
            gate(at_least=0.25),
            (10, 0, 20),
            "50 %; the lower bound 27.2 % is at least 25 % (20 rows)",
        ),
    ],
)
def test_why_a_gate_has_its_result(one: Gate, counts: tuple[int, int, int], text: str) -> None:
    assert judged(one, *pair(*counts)).why == text


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ({"better_than": "base"}, "tickets: better than base"),
        (
            {"better_than": "base", "by": 0.02},
            "tickets: better than base by more than 2 points",
        ),
        (
            {"not_worse_than": "current", "margin": 0.01, "metric": "macro_f1"},
            "tickets macro_f1: not worse than current by 1 point",
        ),
        ({"at_least": 0.955, "metric": "fields.total"}, "tickets fields.total: at least 95.5 %"),
        ({"latency_p95": 2.0}, "tickets: 95th percentile of latency at most 2 s"),
        ({"set": None, "cost_per_answer": 0.002}, "cost of an answer at most $0.002"),
    ],
)
def test_claims_in_words(claim: dict[str, Any], text: str) -> None:
    assert GateOutcome(gate(**claim), PASSED, "").claim == text


def test_every_claim_of_a_spec_is_about_a_metric_or_a_bound() -> None:
    assert {"better_than", "not_worse_than", "at_least", *BOUNDS} == set(build_tests.CLAIMS)


def test_every_bound_has_a_case_that_passes_and_one_that_fails() -> None:
    tried = {(key, result) for claim, result, _ in BOUNDED for key in claim}

    assert tried == {(key, result) for key in BOUNDS for result in (PASSED, FAILED)}


@pytest.mark.parametrize("key", BOUNDS)
def test_every_bound_is_read_from_its_key(key: str) -> None:
    assert bound_on(gate(**{key: 0.25})).most == 0.25


def test_a_gate_without_a_bound_is_held_against_none() -> None:
    with pytest.raises(ValueError, match="sets no bound"):
        bound_on(gate())


def test_open_gates_say_how_many_rows_would_settle_them() -> None:
    found = judged(gate(better_than="base"), *pair(5, 2, 40))
    names = [str(i // 2) for i in range(40)]
    tuned, other = pair(5, 2, 40)
    tuned, other = (
        replace(
            one,
            set=replace(one.set, cluster="customer"),
            rows=tuple(replace(r, cluster=n) for r, n in zip(one.rows, names, strict=True)),
        )
        for one in (tuned, other)
    )
    together = judged(gate(better_than="base"), tuned, other)

    assert found.enough is not None
    assert 200 < found.enough < 400
    assert together.enough is not None
    assert together.enough > 100
    assert judged(gate(better_than="base"), *pair(2, 3, 40)).enough is None
