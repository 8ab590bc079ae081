"""Two models on the rows of a set: words, counts, p values, slices."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from ftrunner.evaluation.comparison import Comparison
from ftrunner.evaluation.measured import MeasuredSet
from ftrunner.evaluation.sets.comparison import SetComparison, compare_sets
from ftrunner.evaluation.statistics.words import Word
from ftrunner.spec.testing import Tests
from tests.kit.measured import measured, pair

LABELS = ["a", "b"] * 50


def compared(tuned: MeasuredSet, other: MeasuredSet, **how: Any) -> Comparison:
    found = compare_sets("base", tuned, other, Tests(), **how).found
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("counts", "margin", "word"),
    [
        ((6, 0, 20), None, Word.BETTER),
        ((0, 6, 20), None, Word.WORSE),
        ((3, 0, 3), None, Word.UNDECIDED),
        ((160, 140, 2000), None, Word.UNDECIDED),
        ((160, 140, 2000), 0.05, Word.AS_GOOD),
        ((0, 0, 218), 0.02, Word.AS_GOOD),
        ((0, 0, 217), 0.02, Word.UNDECIDED),  # the margin's gate cannot pass there
        ((10, 0, 500), 0.05, Word.A_LITTLE_BETTER),
        ((40, 20, 500), 0.02, Word.BETTER),
        ((10, 4, 250), 0.02, Word.NOT_WORSE),
    ],
)
def test_words(counts: tuple[int, int, int], margin: float | None, word: Word) -> None:
    found = compared(*pair(*counts), margin=margin)

    assert found.word is word
    assert (found.better, found.worse, found.prompts) == counts
    assert found.effect == pytest.approx((counts[0] - counts[1]) / counts[2])


def test_golden_numbers() -> None:
    found = compared(*pair(29, 4, 200))

    assert found.interval is not None
    assert (round(found.interval.low, 5), round(found.interval.high, 5)) == (0.06849, 0.17904)
    assert found.p_value == pytest.approx(1.09e-5, rel=0.05)


def test_too_few_rows_have_no_interval() -> None:
    found = compared(*pair(1, 0, 2))

    assert (found.interval, found.word) == (None, Word.UNDECIDED)
    assert found.reason == "an interval needs 3 rows, and there are 2"


def test_clusters_keep_together_in_the_interval_and_the_p_value() -> None:
    tuned, other = [1.0] * 24 + [0.0] * 96, [0.0] * 120
    names = [str(i // 12) for i in range(120)]

    apart = compared(measured(tuned), measured(other))
    set_of_ten = compare_sets(
        "base", measured(tuned, clusters=names), measured(other, clusters=names), Tests()
    )
    together = set_of_ten.found

    assert together is not None
    assert set_of_ten.clusters == 10
    assert apart.word is Word.BETTER
    assert together.word is Word.UNDECIDED
    assert together.p_value == pytest.approx(0.5)
    assert apart.effect == together.effect


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "recall.a", "precision.a", "score"])
def test_every_metric_can_be_compared(metric: str) -> None:
    tuned, base = measured(LABELS, truths=LABELS), measured(["a"] * 100, truths=LABELS)

    found = compare_sets("base", tuned, base, Tests(), metric=metric)

    assert found.found is not None
    assert found.tuned == 1.0
    assert found.other is not None
    assert found.found.effect == pytest.approx(1 - found.other)
    expected = Word.UNDECIDED if metric == "recall.a" else Word.BETTER
    assert found.found.word is expected
    assert (found.found.p_value < 0.05) is (expected is Word.BETTER)


def test_what_is_missing_widens_the_interval_both_ways() -> None:
    tuned, other = pair(6, 0, 200)
    lost = measured([1.0] * 6 + [None] * 2 + [0.0] * 192)

    whole, less = compared(tuned, other), compared(lost, other)

    assert whole.interval is not None
    assert less.interval is not None
    assert less.interval.low < whole.interval.low
    assert less.interval.high > whole.interval.high
    assert (whole.word, less.word) == (Word.BETTER, Word.UNDECIDED)


def test_with_too_much_missing_nothing_is_said() -> None:
    lost = measured([1.0] * 60 + [None] * 20 + [0.0] * 20)

    found = compared(lost, measured([0.0] * 100))

    assert found.word is Word.UNDECIDED
    assert found.reason == "20 of 100 rows could not be measured"
    assert found.interval is not None


def test_where_nothing_was_measured_there_is_nothing_to_compare() -> None:
    found = compare_sets("base", measured([None] * 5), measured([1.0] * 5), Tests())

    assert found.found is None
    assert (found.tuned, found.other) == (None, 1.0)


def test_asking_more_often_narrows_by_at_most_what_varies_within_rows() -> None:
    chance = Random(1)
    noisy = [[float(chance.random() < 0.5) for _ in range(5)] for _ in range(60)]
    steady = [[float(i % 2)] * 5 for i in range(60)]
    base = measured([[0.0] * 5] * 60)

    def narrowing(rows: list[list[float]]) -> SetComparison:
        return compare_sets("base", measured(rows), base, Tests())

    assert narrowing(steady).narrowing == 0
    found = narrowing(noisy).narrowing
    assert found is not None
    assert found > 0.4
    assert compare_sets("base", *pair(5, 0, 20), Tests()).narrowing is None


def test_slices_are_adjusted_for_their_number() -> None:
    """One of twelve languages improves in 6 of 10 rows: p = .031 alone, and not among twelve."""
    languages = [f"l{i // 10:02}" for i in range(120)]
    tuned = [1.0] * 6 + [0.0] * 114
    many = {"language": languages}
    few = {"language": ["l00"] * 10 + ["other"] * 110}
    base = [0.0] * 120

    among_many = compare_sets(
        "base", measured(tuned, slices=many), measured(base, slices=many), Tests()
    )
    among_two = compare_sets(
        "base", measured([1.0] * 9 + [0.0] * 111, slices=few), measured(base, slices=few), Tests()
    )

    assert len(among_many.slices) == 12
    (first,) = [one for one in among_many.slices if one.value == "l00"]
    assert first.found.prompts == 10
    assert first.found.p_value == pytest.approx(12 * 2 / 64)
    assert first.found.word is Word.UNDECIDED
    (first,) = [one for one in among_two.slices if one.value == "l00"]
    assert first.found.word is Word.BETTER
