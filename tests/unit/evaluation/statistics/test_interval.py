"""Intervals equal scipy's, which are recorded beside this module."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftrunner.evaluation.statistics.distributions import t_quantile
from ftrunner.evaluation.statistics.interval import (
    by_cluster,
    gate_bounds,
    mean_score,
    no_interval_reason,
    plus_two,
    rate,
)
from tests.unit.evaluation.statistics.lists import EVERY, RECORDED, binary, seeded_lists

NEAR = 1e-9


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def test_plus_two_is_the_t_interval_with_two_imaginary_prompts(recorded: dict[str, Any]) -> None:
    found = [plus_two(d) for d in list(seeded_lists())[::EVERY]]

    assert len(found) == 50
    for interval, (low, high) in zip(found, recorded["plus_two"], strict=True):
        assert interval.low == pytest.approx(low, abs=NEAR)
        assert interval.high == pytest.approx(high, abs=NEAR)


def test_gate_bounds_have_a_third_imaginary_prompt_against_the_claim(
    recorded: dict[str, Any],
) -> None:
    found = [gate_bounds(d) for d in list(seeded_lists())[::EVERY]]

    assert [one.low for one in found] == pytest.approx(recorded["gate_low"], abs=NEAR)
    assert [one.high for one in found] == pytest.approx(recorded["gate_high"], abs=NEAR)


def test_a_rate_is_clopper_and_pearson_s(recorded: dict[str, Any]) -> None:
    for passed, asked, low, high in recorded["rates"]:
        found = rate(passed, asked)
        assert (found.low, found.high) == pytest.approx((low, high), abs=NEAR)


def test_t_quantiles(recorded: dict[str, Any]) -> None:
    for probability, degrees, value in recorded["t"]:
        assert t_quantile(probability, degrees) == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((20, 6, 0), 2.866, 51.680),
        ((20, 0, 0), -13.683, 13.683),
        ((200, 29, 4), 6.849, 17.904),
        ((2000, 160, 140), -0.703, 2.701),
        ((3, 3, 0), -51.058, 100.0),
    ],
)
def test_golden_intervals_in_points(counts: tuple[int, int, int], low: float, high: float) -> None:
    found = plus_two(binary(*counts))

    assert (round(100 * found.low, 3), round(100 * found.high, 3)) == (low, high)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((20, 0, 0), -20.2, 20.2),
        ((217, 0, 0), -2.009, 2.009),
        ((218, 0, 0), -1.999, 1.999),
        ((200, 29, 4), 6.215, 18.373),
    ],
)
def test_golden_gate_bounds_in_points(
    counts: tuple[int, int, int], low: float, high: float
) -> None:
    found = gate_bounds(binary(*counts))

    assert (round(100 * found.low, 3), round(100 * found.high, 3)) == (low, high)


def test_perfect_scores_are_not_certain() -> None:
    found = mean_score([1.0] * 20)

    assert 0.75 < found.low < 0.95
    assert found.high == 1.0


def test_clusters_of_one_row_each_are_the_rows() -> None:
    values = [0.2, -0.4, 1.0, 0.0]

    assert by_cluster(values, "abcd") == pytest.approx(values)


def test_rows_that_belong_together_count_as_one_observation() -> None:
    values = [1.0, 0.0, -1.0, 1.0, 0.0, 0.0, 1.0, 0.0] * 5
    clusters = [i % 8 for i in range(40)]

    together = plus_two(by_cluster(values, clusters))
    apart = plus_two(values)

    assert len(by_cluster(values, clusters)) == 8
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


@pytest.mark.parametrize(
    ("clusters", "prompts", "reason"),
    [
        (None, 2, "an interval needs 3 rows, and there are 2"),
        (None, 1, "an interval needs 3 rows, and there is 1"),
        (None, 3, None),
        ("aabbccdd", 8, "an interval needs 8 clusters, and there are 4"),
        ("abcdefgh", 8, None),
        ("abcdefghhh", 10, "one cluster holds 3 of 10 rows, over a fifth"),
    ],
)
def test_where_there_is_no_interval(clusters: str | None, prompts: int, reason: str | None) -> None:
    assert no_interval_reason(clusters, prompts) == reason
