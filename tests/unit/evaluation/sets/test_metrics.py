"""Answers become figures and numbers for an interval; what is missing is assumed at its worst."""

from __future__ import annotations

from math import nan

import pytest

from ftrunner.evaluation.measured import Graded
from ftrunner.evaluation.sets.metrics import difference, own
from ftrunner.evaluation.sets.tries import Metric
from tests.kit.measured import measured

TRUTHS = ["a", "a", "b", "b", "b"] * 10
SAID = ["a", "b", "b", "b", "a"] * 10
PASSED = Metric("passed")


@pytest.mark.parametrize(
    ("metric", "figure", "rows"),
    [
        ("passed", 3 / 5, 50),
        ("score", 3 / 5, 50),
        ("accuracy", 3 / 5, 50),
        ("recall.a", 1 / 2, 20),
        ("recall.b", 2 / 3, 30),
        ("precision.a", 1 / 2, 20),
        ("precision.b", 2 / 3, 30),
        ("macro_f1", (2 * 10 / 40 + 2 * 20 / 60) / 2, 50),
    ],
)
def test_figures_of_one_model(metric: str, figure: float, rows: int) -> None:
    found = own(measured(SAID, truths=TRUTHS), Metric.named(metric))

    assert found.seen is not None
    assert found.seen.figure == pytest.approx(figure)
    assert len(found.rows) == len(found.seen.values) == rows
    assert sum(found.seen.values) / rows == pytest.approx(figure, abs=0.01)
    assert found.least == found.most == found.seen


def test_a_label_that_is_rare_does_not_look_certain_in_a_large_set() -> None:
    """Of ten rows all right, and 990 that have nothing to do with them."""
    truths = ["rare"] * 10 + ["usual"] * 990
    found = own(measured(truths, truths=truths), Metric.named("recall.rare"))

    assert found.seen is not None
    assert found.seen.values == [1.0] * 10
    assert found.single


@pytest.mark.parametrize("metric", ["accuracy", "recall.a", "precision.a", "macro_f1"])
def test_a_difference_is_that_of_the_figures(metric: str) -> None:
    tuned, base = measured(SAID, truths=TRUTHS), measured(["a"] * 50, truths=TRUTHS)
    measure = Metric.named(metric)

    found, one, two = difference(tuned, base, measure), own(tuned, measure), own(base, measure)

    assert found.seen
    assert one.seen
    assert two.seen
    assert found.seen.figure == pytest.approx(one.seen.figure - two.seen.figure)


def test_fields_are_figures_by_key() -> None:
    answers = [Graded(passed=False, score=0.5, fields={"total": i % 4 != 0}) for i in range(20)]

    found = own(measured(answers), Metric.named("fields.total"))

    assert found.seen is not None
    assert found.seen.figure == 0.75


def test_repeats_are_means_of_a_row() -> None:
    tuned, base = measured([[1, 1, 0, 1], [0, 0, 0, 0]]), measured([[0, 0, 0, 0], [1, 0, 0, 0]])

    found = difference(tuned, base, PASSED)

    assert found.seen is not None
    assert found.seen.figure == pytest.approx(0.25)
    assert not found.single


def test_rows_of_a_cluster_have_one_number_and_large_clusters_count_for_more() -> None:
    clusters = [str(i % 8) for i in range(40)] + ["8", "9"]
    rows = [float(i % 3 == 0) for i in range(42)]

    by_row = own(measured(rows, clusters=clusters), PASSED)
    by_cluster = own(measured(rows, clusters=clusters, weigh="cluster"), PASSED)

    assert by_row.seen
    assert by_cluster.seen
    assert len(by_row.seen.values) == len(by_cluster.seen.values) == by_row.clusters == 10
    assert by_row.seen.figure == pytest.approx(14 / 42)
    means = [sum(rows[i] for i in range(42) if clusters[i] == c) for c in "0123456789"]
    sizes = [clusters.count(c) for c in "0123456789"]
    assert by_cluster.seen.figure == pytest.approx(
        sum(m / n for m, n in zip(means, sizes, strict=True)) / 10
    )


def test_rows_without_a_cluster_belong_to_no_other() -> None:
    found = own(measured([1.0] * 12, clusters=[None] * 12), PASSED)

    assert found.clusters == 12


@pytest.mark.parametrize("metric", ["passed", "score", "accuracy", "macro_f1", "precision.b"])
def test_what_is_missing_is_assumed_at_its_worst_and_at_its_best(metric: str) -> None:
    """No answer that is given instead leads outside these figures."""
    tuned: list[str | None] = list(SAID)
    tuned[0] = tuned[7] = None
    measure = Metric.named(metric)
    base = measured(["a", "b"] * 25, truths=TRUTHS)

    found = difference(measured(tuned, truths=TRUTHS), base, measure)

    assert found.missing == 2
    for first in ("a", "b", ""):
        for second in ("a", "b", ""):
            tuned[0], tuned[7] = first, second
            known = difference(measured(tuned, truths=TRUTHS), base, measure)
            assert known.seen is not None
            figure = known.seen.figure
            assert found.least.figure <= figure + 1e-9
            assert figure <= found.most.figure + 1e-9


def test_a_try_that_one_of_two_models_missed_is_missing() -> None:
    tuned, base = measured([[1, None], [1, 1]]), measured([[0, 0], [None, 0]])

    found = difference(tuned, base, PASSED)

    assert found.missing == 1
    assert (found.least.figure, found.most.figure) == (0.0, 1.0)
    assert found.seen is not None
    assert found.seen.figure == 1.0


@pytest.mark.parametrize(
    ("rows", "metric", "reason"),
    [
        (["a", "a"], "passed", "an interval needs 3 rows, and there are 2"),
        (["a"] * 20, "recall.b", "0 rows have the label 'b', fewer than 10"),
        (["b"] * 9, "precision.a", "0 answers have the label 'a', fewer than 10"),
        (["a"] * 9, "macro_f1", "fewer than 10 rows have the label 'a'"),
        ([None] * 9, "passed", "no answer could be measured"),
    ],
)
def test_where_there_is_no_interval(rows: list[str], metric: str, reason: str) -> None:
    found = own(measured(rows, truths=["a"] * len(rows)), Metric.named(metric))

    assert found.reason == reason
    assert found.least.values == ()


def test_rows_without_a_right_label_have_no_accuracy() -> None:
    found = own(measured([1.0] * 9), Metric.named("accuracy"))

    assert found.reason == "not every row has a right label"
    assert found.seen is None


def test_one_cluster_of_all_rows_has_a_figure_and_no_interval() -> None:
    found = own(measured([1.0] * 9, clusters=["x"] * 9), PASSED)

    assert found.seen is not None
    assert found.seen.figure == 1.0
    assert found.reason == "an interval needs 8 clusters, and there is 1"


@pytest.mark.parametrize("score", [1.5, -0.1, nan])
def test_a_score_outside_its_range_is_an_error(score: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        own(measured([Graded(passed=True, score=score)] * 5), Metric("score"))


def test_other_rows_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="not asked the same rows"):
        difference(measured([1.0] * 4), measured([1.0] * 5), PASSED)


def test_a_missing_try_does_not_make_a_label_less_rare() -> None:
    """Nine and a half of 19 rows got the label; without a try of the half one it is not ten."""
    half: list[list[str | None]] = [["a", "b"]]
    rows = [["a", "a"]] * 9 + [["b", "b"]] * 9
    truths = ["a"] * 19

    whole = own(measured([*rows, *half], truths=truths), Metric.named("precision.a"))
    less = own(measured([*rows, ["a", None]], truths=truths), Metric.named("precision.a"))

    assert whole.reason == less.reason == "9.5 answers have the label 'a', fewer than 10"


def test_rows_that_are_missing_do_not_make_a_cluster_smaller() -> None:
    clusters = ["large"] * 5 + [str(n) for n in range(17)]
    rows: list[float | None] = [None, *[1.0] * 21]

    found = own(measured(rows, clusters=clusters), PASSED)

    assert found.reason == "one cluster holds 5 of 22 rows, over a fifth"
