"""What a number of prompts can show."""

from __future__ import annotations

import pytest

from ftrunner.evaluation.statistics.interval import gate_bounds
from ftrunner.evaluation.statistics.power import (
    fewest_without_change,
    more_prompts,
    power,
    smallest_difference,
    zero_change_margin,
)
from tests.unit.evaluation.statistics.lists import binary


@pytest.mark.parametrize(
    ("margin", "prompts"), [(0.10, 43), (0.05, 87), (0.03, 145), (0.02, 218), (0.01, 438)]
)
def test_how_many_prompts_a_margin_needs_at_least(margin: float, prompts: int) -> None:
    assert fewest_without_change(margin) == prompts
    assert gate_bounds(binary(prompts, 0, 0)).low > -margin
    assert gate_bounds(binary(prompts - 1, 0, 0)).low <= -margin


def test_a_margin_of_nothing_cannot_be_shown() -> None:
    with pytest.raises(ValueError, match="0"):
        fewest_without_change(0)


@pytest.mark.parametrize(
    ("prompts", "margin"), [(20, 0.202), (50, 0.085), (100, 0.043), (200, 0.0218), (2000, 0.0022)]
)
def test_the_smallest_margin_if_nothing_changes(prompts: int, margin: float) -> None:
    assert zero_change_margin(prompts) == pytest.approx(margin, rel=0.02)


@pytest.mark.parametrize(
    ("prompts", "share", "difference"),
    [
        (20, 0.1, None),
        (20, 0.4, 0.39),
        (50, 0.2, 0.18),
        (100, 0.1, 0.088),
        (100, 0.4, 0.18),
        (200, 0.2, 0.088),
    ],
)
def test_the_smallest_difference_shown_with_80_percent_power(
    prompts: int, share: float, difference: float | None
) -> None:
    found = smallest_difference(prompts, share)

    assert (found is None) == (difference is None)
    if found is not None and difference is not None:
        assert found == pytest.approx(difference, abs=0.01)
        assert power(prompts, share, found) >= 0.8


def test_power_for_a_margin_where_some_answers_change_both_ways() -> None:
    assert power(380, 0.01, 0.0, -0.02) == pytest.approx(0.81, abs=0.02)
    assert power(580, 0.02, 0.0, -0.02) == pytest.approx(0.82, abs=0.02)
    assert power(196, 0.01, 0.0, -0.02) < 0.62


def test_power_by_simple_counting() -> None:
    """8 prompts of which each improves: shown from six changes in one direction on."""
    assert power(8, 1.0, 1.0) == pytest.approx(1.0)
    assert power(5, 0.5, 0.5) == pytest.approx(0.5**5)
    assert power(4, 1.0, 1.0) == 0.0


def test_how_many_prompts_would_settle_an_open_claim() -> None:
    differences = binary(40, 5, 2)

    needed = more_prompts(differences)

    assert needed is not None
    assert 200 < needed < 400
    assert more_prompts(binary(40, 2, 5)) is None
    assert more_prompts(binary(24, 0, 0), -0.02) == 1570
