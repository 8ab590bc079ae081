"""p values: exact where they can be counted, near the exact value where they are drawn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from itertools import product

import pytest

from ftrunner.evaluation.statistics.classification import Triple, macro_f1
from ftrunner.evaluation.statistics.sign_flip import p_value, swapped_p_value
from tests.unit.evaluation.statistics.lists import RECORDED, binary

Swapped = tuple[Triple, ...]


def by_all_patterns(differences: list[float]) -> float:
    seen = abs(sum(differences)) - 1e-9
    patterns = list(product((1, -1), repeat=len(differences)))
    hits = sum(
        abs(sum(s * d for s, d in zip(signs, differences, strict=True))) >= seen
        for signs in patterns
    )
    return hits / len(patterns)


def test_single_answers_give_the_exact_binomial_test() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["p_values"]

    for k, n, value in recorded:
        assert p_value(binary(n + 7, k, n - k)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    "differences",
    [[0.2, 0.4, -0.6, 1.0, 0.8, 0.0, 0.2], [1.0, 1.0, -0.2, 0.6], [0.2] * 9, [0.0, 0.0], []],
)
def test_repeats_are_counted_exactly(differences: list[float]) -> None:
    assert p_value(differences, steps=5) == pytest.approx(by_all_patterns(differences), abs=1e-12)


def test_scores_are_drawn_near_the_exact_value() -> None:
    differences = [0.13, 0.24, -0.31, 0.52, 0.77, 0.08, -0.19, 0.41, 0.36, 0.05]
    exact = by_all_patterns(differences)

    assert p_value(differences, steps=0) == pytest.approx(exact, abs=0.012)
    assert p_value(differences, steps=0) == p_value(differences, steps=0)


def test_many_repeats_are_drawn() -> None:
    differences = [0.2 * (i % 11 - 5) for i in range(2000)]

    assert 0 < p_value(differences, steps=5) <= 1


def test_answers_are_swapped_for_figures_of_a_whole_set() -> None:
    better: Counter[Swapped] = Counter({(("a", "a", "b"),): 20, (("b", "b", "a"),): 20})
    equal: Counter[Swapped] = Counter(
        {(("a", "a", "b"),): 10, (("a", "b", "a"),): 10, (("b", "b", "b"),): 20}
    )

    def difference(cells: Mapping[Triple, int]) -> float:
        one, other = Counter[tuple[str, str | None]](), Counter[tuple[str, str | None]]()
        for (truth, first, second), n in cells.items():
            one[truth, first] += n
            other[truth, second] += n
        return macro_f1(one) - macro_f1(other)

    assert swapped_p_value(better, difference) < 0.01
    assert swapped_p_value(equal, difference) > 0.5
    together: dict[Swapped, int] = {(("a", "a", "b"),) * 20: 1, (("b", "b", "a"),) * 20: 1}
    assert swapped_p_value(together, difference) > 0.4
