"""Everything the statistics promise, held against scipy and counted exactly. Needs `stats`.

`pytest --whole-grid` counts at every number of prompts, not at some.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from ftrunner.evaluation.statistics import sign_flip
from ftrunner.evaluation.statistics.distributions import t_quantile
from ftrunner.evaluation.statistics.interval import gate_bounds, plus_two, rate
from tests.unit.evaluation.statistics.lists import binary, seeded_lists

np: Any = pytest.importorskip("numpy", reason="held against scipy: pip install '.[stats]'")
stats: Any = pytest.importorskip("scipy.stats", reason="as above")

NEAR = 1e-9
SHARES = [i / 200 for i in range(1, 191)]
DIRECTIONS = [i / 20 for i in range(10, 21)]  # the other half is the same, mirrored
MARGINS = [i / 100 for i in range(1, 11)]


def test_intervals_equal_scipy_s() -> None:
    for d in seeded_lists():
        two, three = plus_two(d), gate_bounds(d)
        for ours, added in ((two, [1, -1]), (three, None)):
            low = _t_interval(d, added or [1, -1, -1]).low
            high = _t_interval(d, added or [1, -1, 1]).high
            assert ours.low == pytest.approx(max(low, -1), abs=NEAR)
            assert ours.high == pytest.approx(min(high, 1), abs=NEAR)


def test_rates_and_p_values_equal_scipy_s() -> None:
    for n in (1, 2, 7, 20, 61, 200, 1000):
        for k in range(0, n + 1, max(1, n // 25)):
            found, exact = rate(k, n), stats.binomtest(k, n)
            expected = exact.proportion_ci(0.95, "exact")
            assert (found.low, found.high) == pytest.approx(tuple(expected), abs=NEAR)
            ours = sign_flip.p_value(binary(n, k, n - k))
            assert ours == pytest.approx(exact.pvalue, abs=1e-12)


SOME = [*range(3, 31), 34, 40, 47, 55, 63, 72, 81, 90, 100]
SOME_OF_GATES = [20, 30, 40, 60, 90, 130, 180, 240, 300]


def test_the_interval_covers_at_least_93_percent_for_every_number_of_prompts(
    whole_grid: bool,
) -> None:
    """The exact share of all outcomes; false "better" or "worse" where there is no difference."""
    for n in range(3, 101) if whole_grid else SOME:
        better, worse, low, high = _bounds(n, against=0)
        for share in SHARES:
            for direction in DIRECTIONS:
                effect = share * (2 * direction - 1)
                chances = _chances(n, better, worse, share * direction, share * (1 - direction))
                inside = (low <= effect + 1e-12) & (effect - 1e-12 <= high)
                assert chances[inside].sum() >= 0.93, (n, share, direction)
                if direction == 0.5:
                    assert chances[(low > 0) | (high < 0)].sum() <= 0.051, (n, share)


def test_gates_at_their_boundary_are_wrong_in_at_most_3_percent(whole_grid: bool) -> None:
    """Of all numbers of prompts one is over it, by rounding: 3.007 % at 279, margin 9 points."""
    assert _worst_gate(SOME_OF_GATES, against=1) <= 0.03
    if whole_grid:
        assert _worst_gate((n for n in range(3, 301) if n != 279), against=1) <= 0.03
        assert _worst_gate([279], against=1) == pytest.approx(0.03007, abs=1e-5)


def test_two_imaginary_prompts_alone_would_fail_that() -> None:
    assert _worst_gate(SOME_OF_GATES, against=0) > 0.06


@pytest.fixture
def whole_grid(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--whole-grid"))


def _worst_gate(numbers: Iterable[int], *, against: int) -> float:
    """The largest share of runs that pass a gate whose claim is just not true."""
    worst = 0.0
    for n in numbers:
        better, worse, low, _ = _bounds(n, against=against)
        for margin in MARGINS:
            shown = low > -margin
            for share in (s for s in SHARES if s >= margin):
                chances = _chances(n, better, worse, (share - margin) / 2, (share + margin) / 2)
                worst = max(worst, float(chances[shown].sum()))
    return worst


def _t_interval(differences: list[float], added: list[int]) -> Any:
    return stats.ttest_1samp([*differences, *added], 0).confidence_interval()


def _bounds(n: int, *, against: int) -> tuple[Any, Any, Any, Any]:
    """Every pair of counts, and the bounds it gives, by the formula written once more."""
    better, worse = (grid.ravel() for grid in np.mgrid[0 : n + 1, 0 : n + 1])
    possible = better + worse <= n
    better, worse = better[possible], worse[possible]
    size = n + 2 + against
    mean = (better - worse - against) / size
    variance = (better + worse + 2 + against - size * mean**2) / (size - 1)
    half = t_quantile(0.975, size - 1) * np.sqrt(variance / size)
    return better, worse, np.maximum(mean - half, -1), np.minimum(mean + half, 1)


def _chances(n: int, better: Any, worse: Any, up: float, down: float) -> Any:
    """The probability of each pair of counts: a multinomial distribution."""
    same = n - better - worse
    logs = _log_factorial(n) - _LOGS[better] - _LOGS[worse] - _LOGS[same]
    with np.errstate(divide="ignore", invalid="ignore"):
        for count, chance in ((better, up), (worse, down), (same, 1 - up - down)):
            logs = logs + np.where(count == 0, 0.0, count * np.log(max(chance, 0.0)))
    return np.exp(logs)


_LOGS = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, 400)))])


def _log_factorial(n: int) -> float:
    return float(_LOGS[n])
