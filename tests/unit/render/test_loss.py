"""The curve of a loss: bars from the lowest to the highest, whatever the losses are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.render.run.training import curve

LOSSES = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=100)


@pytest.mark.parametrize(
    ("losses", "drawn"),
    [
        ([], ""),
        ([1.0], ""),
        ([7.0, 3.5, 0.0], "█▅▁"),
        ([2.0, 2.0], "▁▁"),
        ([1e308, -1e308], "█▁"),
    ],
)
def test_a_curve_goes_from_the_highest_to_the_lowest(losses: list[float], drawn: str) -> None:
    assert curve(losses) == drawn


@given(LOSSES)
def test_a_curve_is_at_most_forty_bars_wide(losses: list[float]) -> None:
    assert len(curve(losses)) == (min(len(losses), 40) if len(losses) > 1 else 0)
