"""What a verdict on 2,000 prompts costs: its interval, its p value, and all of a comparison.

Run with ``pytest -s`` to see the figures. Times are of the processor, the best of five.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from time import process_time

import pytest

from ftrunner.evaluation.sets.comparison import compare_sets
from ftrunner.evaluation.statistics.distributions import t_quantile
from ftrunner.evaluation.statistics.interval import gate_bounds, plus_two
from ftrunner.evaluation.statistics.sign_flip import p_value
from ftrunner.spec.testing import Tests
from tests.kit.measured import pair

PROMPTS = 2_000
CHANCE = Random(11)
SINGLE = [float(CHANCE.choice([-1, 0, 0, 0, 1])) for _ in range(PROMPTS)]
REPEATED = [(CHANCE.randint(0, 5) - CHANCE.randint(0, 5)) / 5 for _ in range(PROMPTS)]
SCORED = [CHANCE.uniform(-1, 1) for _ in range(PROMPTS)]


def milliseconds(run: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        t_quantile.cache_clear()
        start = process_time()
        run()
        times.append(process_time() - start)
    return 1000 * min(times)


@pytest.mark.parametrize("interval", [plus_two, gate_bounds])
def test_an_interval_takes_under_5_milliseconds(
    interval: Callable[[list[float]], object],
) -> None:
    spent = milliseconds(lambda: interval(SCORED))

    print(f"\n{interval.__name__}: {spent:.2f} ms (bound 5)")
    assert spent < 5


@pytest.mark.parametrize(
    ("differences", "steps"),
    [(SINGLE, 1), (REPEATED, 5), (SCORED, 0)],
    ids=["single answers", "five answers each", "scores"],
)
def test_a_p_value_takes_under_50_milliseconds(differences: list[float], steps: int) -> None:
    spent = milliseconds(lambda: p_value(differences, steps=steps))

    print(f"\np value: {spent:.1f} ms (bound 50)")
    assert spent < 50


def test_a_comparison_of_a_set_takes_under_100_milliseconds() -> None:
    tuned, other = pair(160, 140, PROMPTS)

    spent = milliseconds(lambda: compare_sets("base", tuned, other, Tests()))

    print(f"\ncompare_sets: {spent:.1f} ms (bound 100)")
    assert spent < 100
