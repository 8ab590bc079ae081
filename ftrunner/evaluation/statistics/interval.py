"""One interval for every comparison: "plus-two".

Each prompt gives one difference between two models, from -1 to 1. Two imaginary prompts are added,
one that improved fully and one that got fully worse, and the ordinary t interval of that list is
taken. The imaginary prompts keep a list in which nothing, or everything, changed from looking
certain. For one binary answer a prompt this is the adjusted interval for paired proportions of
Bonett and Price (2012), with t in place of z.

A single bound of it can be wrong too often where nearly all changes go one way. A gate that
depends on one bound therefore adds a third imaginary prompt, against the claim.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from ftrunner.evaluation.statistics.distributions import beta_quantile, t_quantile

FEWEST_PROMPTS = 3
"""Below this an interval would always be the whole range."""

FEWEST_CLUSTERS = 8
LARGEST_CLUSTER = 0.2
"""The share of rows that one cluster may hold: a larger one decides the interval alone."""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, in the unit of the differences: 0.02 is two points."""

    low: float
    high: float


def plus_two(differences: Sequence[float], confidence: float = 0.95) -> Interval:
    """The two-sided interval of the mean difference, within -1 to 1."""
    return _clipped(_t_interval(differences, (1.0, -1.0), confidence), -1.0)


def gate_bounds(differences: Sequence[float], confidence: float = 0.95) -> Interval:
    """The bounds that gates use: each with one more imaginary prompt against its claim.

    `low` is for claims that the difference is above a threshold, `high` for claims that it is
    below one. They do not form a two-sided interval together.
    """
    low = _t_interval(differences, (1.0, -1.0, -1.0), confidence).low
    high = _t_interval(differences, (1.0, -1.0, 1.0), confidence).high
    return _clipped(Interval(low, high), -1.0)


def rate(passed: int, asked: int, confidence: float = 0.95) -> Interval:
    """Clopper and Pearson's interval of one rate: never covers less often than it says."""
    tail = (1 - confidence) / 2
    low = 0.0 if passed == 0 else beta_quantile(tail, passed, asked - passed + 1)
    high = 1.0 if passed == asked else beta_quantile(1 - tail, passed + 1, asked - passed)
    return Interval(low, high)


def mean_score(scores: Sequence[float], confidence: float = 0.95) -> Interval:
    """The bounds of a mean of scores from 0 to 1, each with imaginary prompts against its claim."""
    low = _t_interval(scores, (0.0, 0.0, 1.0), confidence).low
    high = _t_interval(scores, (0.0, 1.0, 1.0), confidence).high
    return _clipped(Interval(low, high), 0.0)


def by_cluster(values: Sequence[float], clusters: Sequence[Hashable]) -> list[float]:
    """One jackknife pseudo-value of the pooled mean for each cluster.

    Rows of one cluster are left out together; the effect remains that of rows, so that a large
    cluster counts for more.
    """
    groups: dict[Hashable, list[float]] = defaultdict(list)
    for value, cluster in zip(values, clusters, strict=True):
        groups[cluster].append(value)
    total, rows = fsum(values), len(values)
    left_out = [(total - fsum(group)) / (rows - len(group)) for group in groups.values()]
    return pseudo_values(total / rows, left_out)


def pseudo_values(whole: float, left_out: Iterable[float]) -> list[float]:
    """Jackknife pseudo-values: `left_out` holds the figure without each prompt (or cluster)."""
    without = list(left_out)
    n = len(without)
    return [n * whole - (n - 1) * one for one in without]


def no_interval_reason(
    clusters: Sequence[Hashable] | None, rows: int, *, unit: str = "rows"
) -> str | None:
    """Why there is no interval for so many rows (or prompts), or these clusters; None if one is."""
    if rows < FEWEST_PROMPTS:
        return f"an interval needs {FEWEST_PROMPTS} {unit}, and {_there(rows)}"
    if clusters is None:
        return None
    sizes = Counter(clusters)
    if len(sizes) < FEWEST_CLUSTERS:
        return f"an interval needs {FEWEST_CLUSTERS} clusters, and {_there(len(sizes))}"
    if max(sizes.values()) > LARGEST_CLUSTER * len(clusters):
        return f"one cluster holds {max(sizes.values())} of {len(clusters)} rows, over a fifth"
    return None


def _there(number: int) -> str:
    return f"there {'is' if number == 1 else 'are'} {number}"


def _t_interval(values: Sequence[float], added: Sequence[float], confidence: float) -> Interval:
    n = len(values) + len(added)
    mean = (fsum(values) + fsum(added)) / n
    squares = fsum(value * value for value in values) + fsum(a * a for a in added)
    variance = max(squares - n * mean * mean, 0.0) / (n - 1)
    half = t_quantile(1 - (1 - confidence) / 2, n - 1) * sqrt(variance / n)
    return Interval(mean - half, mean + half)


def _clipped(interval: Interval, lowest: float) -> Interval:
    return Interval(max(interval.low, lowest), min(interval.high, 1.0))
