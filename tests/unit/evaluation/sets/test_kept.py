"""What was measured on a set is kept: figures, comparisons, and the rows that changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.assertions import Check
from ftrunner.evaluation.measured import Graded, MeasuredSet
from ftrunner.evaluation.sets.gates import judge_gates
from ftrunner.evaluation.sets.kept import AskedAt, kept_gates, kept_sets
from ftrunner.evaluation.sets.kept_rows import kept_rows
from ftrunner.evaluation.verdict import AnswerVerdict
from ftrunner.spec.testing import Assertion, Gate, Tests
from ftrunner.state.results import KeptSet
from tests.kit.measured import measured, pair

LABELS = ("billing", "technical")
WHERE = {"tuned": AskedAt("openai"), "base": AskedAt("openai"), "rival": AskedAt("together")}


def kept(tuned: MeasuredSet, base: MeasuredSet, tests: Tests | None = None) -> KeptSet:
    measured_sets = {"tickets": {"tuned": tuned, "base": base}}
    [found] = kept_sets(tests or Tests(), measured_sets, WHERE)
    return found


def test_each_model_has_its_figures() -> None:
    tuned, base = pair(6, 0, of=20)

    found = kept(tuned, base)

    assert [(model.name, model.model, model.passed) for model in found.models] == [
        ("tuned", "tuned-model", 6),
        ("base", "other-model", 0),
    ]
    passed = found.models[0].metrics["passed"]
    assert (passed.value, passed.n, passed.reason) == (0.3, 20, None)
    assert passed.low == pytest.approx(0.1189, abs=1e-4)  # Clopper and Pearson, 6 of 20
    assert passed.high == pytest.approx(0.5428, abs=1e-4)


def test_the_comparison_has_word_effect_interval_and_rows() -> None:
    found = kept(*pair(6, 1, of=30))

    [comparison] = found.comparisons
    assert (comparison.better, comparison.worse) == (6, 1)
    assert comparison.word == "not enough evidence"
    assert comparison.sentence.startswith("not enough evidence against the base model: +16.7")
    assert comparison.low is not None
    assert comparison.low < 0 < comparison.effect
    assert [row.difference for row in comparison.changed] == [-1.0, *[1.0] * 6]
    assert comparison.differences[:7] == (*[1.0] * 6, -1.0)


def test_all_that_got_worse_is_kept_before_what_got_better() -> None:
    tuned, base = pair(50, 300, of=400)

    [comparison] = kept(tuned, base).comparisons

    changes = [row.difference for row in comparison.changed]
    assert changes == [*[-1.0] * 188, *[1.0] * 12]
    assert comparison.left_out == 350 - 200
    assert len(comparison.differences) == 400


def test_labels_have_a_confusion_matrix_and_their_figures() -> None:
    truths = ["billing"] * 12 + ["technical"] * 12
    answers = ["billing"] * 11 + ["technical"] * 12 + [""]
    expect = (Assertion("label", {"in": LABELS, "is": "{{item.answer}}"}),)
    one = measured(answers, truths=truths)
    tuned = replace(one, set=replace(one.set, expect=expect))

    [model, _] = kept(tuned, replace(tuned, model="other")).models

    assert model.confusion is not None
    assert model.confusion.labels == LABELS
    assert model.confusion.counts == ((11, 1, 0), (0, 11, 1))
    assert model.metrics["accuracy"].value == pytest.approx(22 / 24)
    assert model.metrics["recall.billing"].value == pytest.approx(11 / 12)
    assert model.metrics["macro_f1"].low is not None


def test_a_figure_without_an_interval_says_why() -> None:
    tuned, base = pair(1, 0, of=2)

    [model, _] = kept(tuned, base).models

    assert model.metrics["passed"].low is None
    assert model.metrics["passed"].reason == "an interval needs 3 rows, and there are 2"


def test_latency_length_and_cost_are_those_of_the_answers() -> None:
    answers = [
        Graded(True, 1.0, seconds=0.1 * n, tokens_in=10, tokens_out=n, at=100.0 + n)
        for n in range(1, 21)
    ]
    one = measured([*answers, None])
    priced = {"tuned": AskedAt("openai", price=lambda _: 0.001), "base": AskedAt("openai")}

    [found] = kept_sets(Tests(), {"tickets": {"tuned": one, "base": one}}, priced)
    tuned, base = found.models

    assert tuned.latency_p50 == pytest.approx(1.05)
    assert tuned.latency_p95 == pytest.approx(1.9)
    assert (tuned.tokens_in, tuned.tokens_out, tuned.tokens_out_median) == (200, 210, 10.5)
    assert tuned.cost == pytest.approx(0.02)
    assert (tuned.oldest, tuned.newest, tuned.unmeasured) == (101.0, 120.0, 1)
    assert base.cost is None


def test_answers_are_kept_with_their_text_and_checks() -> None:
    verdict = AnswerVerdict("x" * 9_000, (Check("max_chars 3", False, "it is long"),), Answer(""))
    wrong = Graded(False, 0.0, verdict=verdict, label="billing", seconds=0.5)
    tuned, base = measured([wrong, 1.0, 1.0]), measured([1.0, 1.0, 1.0], model="other")

    [comparison] = kept(tuned, base).comparisons
    [row] = comparison.changed
    whole = next(kept_rows({"tickets": {"tuned": tuned, "base": base}}))

    assert row.place == "data/tickets.jsonl:1"
    assert row.tuned[0] is not None
    assert len(row.tuned[0].text) == 4_000
    assert [check.why for check in row.tuned[0].checks] == ["it is long"]
    assert (row.tuned[0].label, row.tuned[0].seconds) == ("billing", 0.5)
    assert len(whole.answers["tuned"][0].text) == 9_000  # type: ignore[union-attr]


def test_a_row_that_one_model_did_not_answer_is_not_a_change() -> None:
    tuned, base = measured([None, 1.0, 0.0, 1.0]), measured([1.0, 0.0, 0.0, None], model="other")

    [comparison] = kept(tuned, base).comparisons

    assert comparison.differences == (None, 1.0, 0.0, None)
    assert [row.id for row in comparison.changed] == ["row-1"]


def test_where_nothing_was_measured_nothing_is_claimed() -> None:
    nothing = measured([None, None, None])

    found = kept(nothing, nothing)

    [comparison] = found.comparisons
    assert comparison.word == "not enough evidence"
    assert found.models[0].metrics["passed"].value is None
    assert found.models[0].unmeasured == 3


def test_the_margin_of_a_gate_is_the_difference_that_does_not_matter() -> None:
    tests = Tests(gates=(Gate("g", set="tickets", not_worse_than="base", margin=0.1),))

    [comparison] = kept(*pair(0, 0, of=60), tests).comparisons

    assert comparison.margin == 0.1
    assert comparison.word == "as good"


def test_gates_are_kept_with_their_reasons() -> None:
    tests = Tests(gates=(Gate("g", set="tickets", better_than="base"),))
    tuned, base = pair(6, 0, of=20)

    [gate] = kept_gates(judge_gates(tests, {"tickets": {"tuned": tuned, "base": base}}))

    assert (gate.claim, gate.result) == ("tickets: better than base", "passed")
    assert gate.bound == pytest.approx(0.02866, abs=1e-5)
    assert gate.why.startswith("+30; the lower bound +2.9 is above 0")


def test_slices_are_kept_as_exploratory() -> None:
    languages = {"language": ["de"] * 10 + ["en"] * 10}
    tuned = measured([1.0] * 20, slices=languages)
    base = measured([0.0] * 10 + [1.0] * 10, slices=languages, model="other")

    [comparison] = kept(tuned, base).comparisons

    assert [(one.value, one.n, one.effect) for one in comparison.slices] == [
        ("de", 10, 1.0),
        ("en", 10, 0.0),
    ]
