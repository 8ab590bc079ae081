"""Figures of labels, and jackknife values that leave out what belongs together."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from ftrunner.evaluation.statistics.classification import (
    Triple,
    confusion,
    f1,
    figure_values,
    macro_f1,
    own_values,
    precision,
    rare_labels,
    recall,
)

PAIRS: list[tuple[str, str | None]] = [
    ("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", "a"), ("c", None),
]  # fmt: skip


def test_precision_recall_and_f1_of_each_label() -> None:
    counts = confusion(PAIRS)

    assert precision(counts, "a") == pytest.approx(2 / 3)
    assert recall(counts, "a") == pytest.approx(2 / 3)
    assert f1(counts, "b") == pytest.approx(1 / 2)
    assert (precision(counts, "c"), recall(counts, "c"), f1(counts, "c")) == (0, 0, 0)
    assert precision(counts, "unheard") == recall(counts, "unheard") == f1(counts, "unheard") == 0


def test_macro_f1_is_the_mean_over_labels() -> None:
    counts = confusion(PAIRS)

    assert macro_f1(counts) == pytest.approx((f1(counts, "a") + f1(counts, "b") + 0) / 3)
    assert macro_f1({}) == 0


def test_an_answer_without_a_label_is_wrong_and_no_label() -> None:
    assert macro_f1(confusion([("a", "a"), ("a", None)])) == pytest.approx(2 / 3)


def test_values_by_leaving_out_each_prompt() -> None:
    chance = Random(7)
    triples: list[Triple] = [
        (chance.choice("abc"), chance.choice(["a", "b", "c", None]), chance.choice("abc"))
        for _ in range(40)
    ]

    def difference(rows: list[Triple]) -> float:
        one = macro_f1(Counter((t, x) for t, x, _ in rows))
        return one - macro_f1(Counter((t, y) for t, _, y in rows))

    whole = difference(triples)
    expected = [
        40 * whole - 39 * difference(triples[:i] + triples[i + 1 :]) for i in range(len(triples))
    ]

    assert figure_values(triples, macro_f1) == pytest.approx(expected)


def test_clusters_are_left_out_whole() -> None:
    rows = PAIRS * 2
    clusters = [i // 3 for i in range(12)]

    found = own_values(rows, macro_f1, clusters)

    without_first = macro_f1(confusion(rows[3:]))
    assert len(found) == 4
    assert found[0] == pytest.approx(4 * macro_f1(confusion(rows)) - 3 * without_first)


def test_labels_with_few_true_examples_are_named() -> None:
    assert rare_labels(["a"] * 10 + ["c"] * 9 + ["b"]) == ["b", "c"]
