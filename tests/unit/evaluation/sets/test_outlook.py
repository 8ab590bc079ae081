"""Before anyone pays: what the rows of a set can show about each gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrunner.evaluation.measured import Graded
from ftrunner.evaluation.sets.gates import judge_gates
from ftrunner.evaluation.sets.outlook import Extent, GateOutlook, evidence_findings, outlook
from ftrunner.evaluation.sets.rows import read_sets
from ftrunner.evaluation.statistics.words import GateResult
from ftrunner.findings import Severity
from ftrunner.spec.load import load_spec
from ftrunner.spec.testing import Gate, Tests, TestSet
from tests.kit.measured import measured


def looked(
    rows: int,
    clusters: list[str] | None = None,
    repeat: int = 1,
    changed: float | None = None,
    **claim: Any,
) -> GateOutlook:
    labels = claim.pop("labels", {})
    one = Gate("tickets", set="tickets", **claim)
    a_set = TestSet("tickets", "a.jsonl", (), repeat=repeat, cluster="c" if clusters else None)
    extents = {"tickets": Extent(a_set, rows, clusters, labels)}
    shares = {} if changed is None else {("tickets", "base"): changed}
    (found,) = outlook(Tests(gates=(one,)), extents, shares)
    return found


@pytest.mark.parametrize(
    ("rows", "claim", "needed"),
    [
        (24, {"not_worse_than": "base", "margin": 0.02}, 218),
        (217, {"not_worse_than": "base", "margin": 0.02}, 218),
        (218, {"not_worse_than": "base", "margin": 0.02}, None),
        (42, {"not_worse_than": "current", "margin": 0.1}, 43),
        (4, {"better_than": "base"}, 5),
        (5, {"better_than": "base"}, None),
        (5, {"better_than": "base", "metric": "score"}, 8),
        (5, {"better_than": "base", "repeat": 3}, 8),
        (71, {"at_least": 0.95}, 72),
        (72, {"at_least": 0.95}, None),
        (10, {"at_least": 0.95, "point": True}, None),
    ],
)
def test_how_many_rows_a_claim_needs_whatever_the_answers(
    rows: int, claim: dict[str, Any], needed: int | None
) -> None:
    found = looked(rows, **claim)

    assert found.can_show is (needed is None)
    assert found.needed == needed


@pytest.mark.parametrize(
    ("rows", "claim", "why"),
    [
        (
            24,
            {"not_worse_than": "base", "margin": 0.02},
            "at least 218 rows are needed, even if not one answer changes, and there are 24",
        ),
        (
            300,
            {"not_worse_than": "base", "margin": 0.02},
            "shows it where few answers change; "
            "about 2,078 rows are needed where 10 % of the answers change",
        ),
        (
            2100,
            {"not_worse_than": "base", "margin": 0.02},
            "shows it where 10 % of the answers change",
        ),
        (
            200,
            {"better_than": "base"},
            "shows differences from 6.2 points on, where 10 % of the answers change",
        ),
        (
            20,
            {"better_than": "base"},
            "shows differences from 38.2 points on, where 40 % of the answers change",
        ),
        (6, {"better_than": "base"}, "shows it only where most answers change"),
        (
            1,
            {"at_least": 0.95},
            "an interval needs 3 rows, and there is 1",
        ),
        (
            60,
            {"at_least": 0.95},
            "at least 72 rows are needed, even if every answer is right, and there are 60",
        ),
        (100, {"at_least": 1.0}, "no number of rows shows this"),
        (100, {"at_least": 0.9}, "shows it from 96 % right answers on"),
        (100, {"at_least": 0.9, "point": True}, "the figure itself is held against 90 %"),
    ],
)
def test_what_is_said(rows: int, claim: dict[str, Any], why: str) -> None:
    assert looked(rows, **claim).why == why


def forecast(rows: int, clusters: bool, repeat: int, claim: dict[str, Any]) -> bool:
    groups = [str(n) for n in range(rows)] if clusters else None
    return looked(rows, groups, repeat, labels={"a": rows}, **claim).can_show


def judged_at_best(rows: int, clusters: bool, repeat: int, claim: dict[str, Any]) -> bool:
    """Whether the gate passes where every answer is right, and the other model's are at worst."""
    groups = [str(n) for n in range(rows)] if clusters else None
    right, wrong = Graded(True, 1.0, "a", {"k": 1.0}), Graded(False, 0.0, "b", {"k": 0.0})
    others = wrong if "better_than" in claim else right
    tuned, other = (
        measured([[one] * repeat] * rows, truths=["a"] * rows, clusters=groups)
        for one in (right, others)
    )
    tests = Tests(gates=(Gate("tickets", set="tickets", **claim),))
    (found,) = judge_gates(tests, {"tickets": {"tuned": tuned, "base": other}})
    return found.result is GateResult.PASSED


# A model with wrong answers of the label alone has no precision to compare with.
@pytest.mark.parametrize(
    ("metric", "claim"),
    [
        (metric, claim)
        for metric in (
            "passed",
            "accuracy",
            "recall.a",
            "precision.a",
            "macro_f1",
            "fields.k",
            "score",
        )
        for claim in (
            {"at_least": 0.7},
            {"at_least": 0.9},
            {"at_least": 0.7, "point": True},
            {"better_than": "base"},
            {"better_than": "base", "by": 0.5},
            {"not_worse_than": "base", "margin": 0.1},
        )
        if (metric, "better_than" in claim) != ("precision.a", True)
    ],
)
@pytest.mark.parametrize(("clusters", "repeat"), [(False, 1), (False, 3), (True, 1)])
def test_the_forecast_needs_as_many_rows_as_the_gate(
    metric: str, claim: dict[str, Any], clusters: bool, repeat: int
) -> None:
    found = [
        next(n for n in range(1, 100) if passes(n, clusters, repeat, {"metric": metric, **claim}))
        for passes in (forecast, judged_at_best)
    ]

    assert found[0] == found[1]


def test_a_former_run_says_how_many_answers_change() -> None:
    few = looked(400, not_worse_than="base", margin=0.02, changed=0.01)
    many = looked(200, better_than="base", changed=0.3)

    assert few.why == "shows it where 1 % of the answers change, as last time"
    assert many.why == (
        "shows differences from 10.8 points on, where 30 % of the answers change, as last time"
    )
    assert looked(400, not_worse_than="base", margin=0.02, changed=0.0).why == few.why


def test_rows_that_belong_together_are_one_observation() -> None:
    clusters = [str(i % 12) for i in range(240)]

    found = looked(240, clusters, not_worse_than="base", margin=0.02)

    assert (found.has, found.unit, found.needed) == (12, "cluster", 218)
    assert found.why == (
        "at least 218 clusters are needed, even if not one answer changes, and there are 12"
    )


def test_few_clusters_have_no_interval() -> None:
    found = looked(240, [str(i % 4) for i in range(240)], better_than="base")

    assert not found.can_show
    assert found.why == "an interval needs 8 clusters, and there are 4"
    assert not found.can_fail


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ("macro_f1", "needs 10 rows of each label, and 'rare' has fewer"),
        ("recall.rare", "needs 10 rows of the label 'rare', and there are 3"),
        ("precision.unheard", "needs 10 rows of the label 'unheard', and there are 0"),
        ("recall.usual", None),
    ],
)
def test_rare_labels_are_named(metric: str, why: str | None) -> None:
    labels = {"usual": 97, "rare": 3}
    found = looked(100, metric=metric, at_least=0.5, labels=labels)

    assert found.can_show is (why is None)
    if why:
        assert found.why == why


def test_bounds_on_latency_and_unread_sets_are_left_out() -> None:
    gates = (Gate("a", set="a", latency_p95=1.0), Gate("b", set="b", at_least=0.5))

    assert outlook(Tests(gates=gates), {}) == ()


def test_large_sets_are_answered_at_once() -> None:
    found = looked(50_000, better_than="base")

    assert found.why.startswith("shows differences from 0.")


@pytest.mark.parametrize(
    ("gate", "undecided", "hint"),
    [
        (
            "{set: a, not_worse_than: base, margin: 0.02}",
            "fail",
            "it cannot pass: it stays undecided (exit code 8) or fails (exit code 5); add rows, "
            "or allow a margin of 17.1 points",
        ),
        (
            "{set: a, at_least: 1.0}",
            "fail",
            "it cannot pass: it stays undecided (exit code 8) or fails (exit code 5); add rows, "
            "or hold the figure itself against it: `point: true`",
        ),
        (
            "{set: a, not_worse_than: base, margin: 0.02}",
            "pass",
            "it cannot pass: it stays undecided or fails (exit code 5); add rows, "
            "or allow a margin of 17.1 points",
        ),
    ],
)
def test_the_finding_is_at_the_gate_and_says_what_would_do(
    tmp_path: Path, gate: str, undecided: str, hint: str
) -> None:
    (tmp_path / "a.csv").write_text("user\n" + "".join(f"q{n}\n" for n in range(24)))
    path = tmp_path / "s.yaml"
    path.write_text(
        "version: 1\nname: s\nprovider: openai\nmodel: m\ndataset: {train: t.jsonl}\n"
        "tests:\n  sets: {a: {file: a.csv, columns: {user: user}, expect: [{refuses: true}]}}\n"
        f"  gates:\n    - {{set: a, better_than: base}}\n    - {gate}\n"
        f"  undecided: {undecided}\n"
    )
    spec = load_spec(path, environment={}, variables={}).spec
    assert spec is not None

    (found,) = evidence_findings(spec, read_sets(spec)[0])

    assert (found.code, found.severity, found.hint) == ("FT521", Severity.WARNING, hint)
    assert (found.location.line, found.location.column) == (10, 7)
