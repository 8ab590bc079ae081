"""Seeded lists of differences: what the recorded values, and the tests against scipy, are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

RECORDED = Path(__file__).with_name("recorded.json")
EVERY = 10
"""Of the seeded lists, one in ten has its values recorded."""


def seeded_lists(number: int = 500) -> Iterator[list[float]]:
    """Lists of 1 to 200 differences: single answers, means of repeats, and scores."""
    for seed in range(number):
        chance = Random(seed)
        n = 1 + seed * 37 % 200
        yield [_difference(chance, seed % 3) for _ in range(n)]


def binary(prompts: int, better: int, worse: int) -> list[float]:
    """One answer a prompt: so many improved, so many got worse, the rest did not change."""
    return [1.0] * better + [-1.0] * worse + [0.0] * (prompts - better - worse)


def _difference(chance: Random, kind: int) -> float:
    if kind == 0:
        return float(chance.choice([-1, 0, 0, 0, 1]))
    if kind == 1:
        return (chance.randint(0, 5) - chance.randint(0, 5)) / 5
    return chance.uniform(-1, 1)
