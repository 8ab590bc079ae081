"""What a number of prompts can show: asked before anyone pays, and after a run that showed nothing.

Before a run this is exact, by enumerating how many prompts change and in which direction. The usual
formulas promise too much where few prompts change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil, exp, fsum, lgamma, log, sqrt
from statistics import stdev

from ftrunner.evaluation.statistics.distributions import normal_quantile, t_quantile

POWER = 0.8
"""How often a true difference should be shown."""

USUAL_SHARE_OF_CHANGES = 0.1
"""The share of prompts assumed to change between two models where there is no former run."""

MOST_PROMPTS = 1_000_000
_MOST_COUNTED = 2_000  # counting takes seconds beyond, and the usual formula is near enough
_NEGLIGIBLE = 1e-12
_ABOVE_ZERO = 1e-9  # takes the third imaginary prompt, as averages do at any threshold


@lru_cache(maxsize=256)
def fewest_without_change(margin: float, confidence: float = 0.95) -> int:
    """How many prompts show "not worse by more than `margin`" if not one answer changes.

    Below this number no run can show it. Raises ValueError unless the margin is above 0.
    """
    if margin <= 0:
        raise ValueError(margin)
    return fewest(lambda prompts: _shown(prompts, 0, 0, -margin, confidence))


@lru_cache(maxsize=256)
def fewest_all_better(threshold: float, confidence: float = 0.95, *, single: bool = True) -> int:
    """How many prompts show a difference above the threshold if every answer gets better.

    `single` says that each prompt is asked once and passes or fails.
    """
    lower = threshold if single or threshold else _ABOVE_ZERO
    return fewest(lambda prompts: _shown(prompts, prompts, 0, lower, confidence))


@lru_cache(maxsize=256)
def fewest_for_power(threshold: float, share: float, confidence: float = 0.95) -> int:
    """How many prompts show with 80 % power that the difference is above a negative threshold.

    There is no true difference, and this share of the answers changes.
    """
    by_formula = ceil(share * (_quantiles(confidence) / threshold) ** 2)
    if by_formula > _MOST_COUNTED:
        return by_formula
    return fewest(lambda prompts: power(prompts, share, 0.0, threshold, confidence) >= POWER)


def zero_change_margin(prompts: int, confidence: float = 0.95) -> float:
    """The smallest margin that this many prompts can show if not one answer changes."""
    return -_lower_bound(prompts, 0, 0, threshold=-1.0, confidence=confidence)


def power(
    prompts: int, share: float, effect: float, threshold: float = 0.0, confidence: float = 0.95
) -> float:
    """How often a run shows a difference above `threshold`, for one binary answer a prompt.

    `share` of the answers change, and `effect` is the true difference: at most `share`.
    """
    better = (share + effect) / 2 / share if share else 0.0
    total = 0.0
    for changed, chance in _binomial(prompts, share):
        needed = _fewest_better(prompts, changed, threshold, confidence)
        if needed is not None:
            total += chance * sum(c for b, c in _binomial(changed, better) if b >= needed)
    return total


@lru_cache(maxsize=256)
def smallest_difference(
    prompts: int,
    share: float = USUAL_SHARE_OF_CHANGES,
    confidence: float = 0.95,
    threshold: float = 0.0,
) -> float | None:
    """The smallest true difference that is shown to be above the threshold with 80 % power.

    None where none is that changes only this share of the answers.
    """
    if prompts > _MOST_COUNTED:
        by_formula = threshold + _quantiles(confidence) * sqrt(share / prompts)
        return by_formula if by_formula <= share else None
    if power(prompts, share, share, threshold, confidence) < POWER:
        return None
    low, high = 0.0, share
    while high - low > 0.0005:
        middle = (low + high) / 2
        if power(prompts, share, middle, threshold, confidence) < POWER:
            low = middle
        else:
            high = middle
    return high


def more_prompts(
    differences: Sequence[float], threshold: float = 0.0, confidence: float = 0.95
) -> int | None:
    """How many prompts in all would settle an open claim, if the rest are like these.

    None where the difference seen is at the threshold or on its wrong side: more prompts will
    hardly help.
    """
    least = fewest_without_change(-threshold, confidence) if threshold < 0 else 0
    needed = _needed(differences, (1.0, -1.0), threshold, confidence)
    return None if needed is None else max(needed, least)


def more_scores(scores: Sequence[float], threshold: float, confidence: float = 0.95) -> int | None:
    """The same for the claim that the mean of scores from 0 to 1 is at least so high."""
    needed = _needed(scores, (0.0, 0.0, 1.0), threshold, confidence)
    return None if needed is None else max(needed, fewest_passing(threshold, confidence))


def fewest_passing(share: float, confidence: float = 0.95) -> int:
    """How many prompts show that at least this share passes, if all of them do."""
    if share >= 1:
        return MOST_PROMPTS
    if share <= 0:
        return 1
    return ceil(log((1 - confidence) / 2) / log(share) - _NEGLIGIBLE)


def fewest(is_enough: Callable[[int], bool]) -> int:
    """The smallest number that is enough, where larger ones are, too; MOST_PROMPTS if none is."""
    low, high = 0, 1
    while not is_enough(high):
        low, high = high, high * 2
        if low > MOST_PROMPTS:
            return MOST_PROMPTS
    while high - low > 1:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle
    return high


def _needed(
    values: Sequence[float], imaginary: Sequence[float], threshold: float, confidence: float
) -> int | None:
    mean = fsum(values) / len(values)
    if mean <= threshold:
        return None
    spread = stdev([*values, *imaginary])
    return ceil((_quantiles(confidence) * spread / (mean - threshold)) ** 2)


def _quantiles(confidence: float) -> float:
    return normal_quantile(1 - (1 - confidence) / 2) + normal_quantile(POWER)


def _shown(prompts: int, better: int, worse: int, threshold: float, confidence: float) -> bool:
    return _lower_bound(prompts, better, worse, threshold, confidence) > threshold


def _lower_bound(
    prompts: int, better: int, worse: int, threshold: float, confidence: float
) -> float:
    """The gate's lower bound, from counts. A threshold of 0 needs no third imaginary prompt."""
    against = 1 if threshold else 0
    n = prompts + 2 + against
    mean = (better - worse - against) / n
    squares = better + worse + 2 + against - n * mean * mean
    return mean - t_quantile(1 - (1 - confidence) / 2, n - 1) * sqrt(squares / (n - 1) / n)


def _fewest_better(prompts: int, changed: int, threshold: float, confidence: float) -> int | None:
    """Of `changed` prompts, how many must have improved for the claim to be shown."""
    if not _shown(prompts, changed, 0, threshold, confidence):
        return None
    low, high = -1, changed
    while high - low > 1:
        middle = (low + high) // 2
        if _shown(prompts, middle, changed - middle, threshold, confidence):
            high = middle
        else:
            low = middle
    return high


def _binomial(n: int, chance: float) -> list[tuple[int, float]]:
    """Each number of successes that is not negligible, and its probability."""
    if chance <= 0 or chance >= 1 or n == 0:
        return [(n if chance >= 1 else 0, 1.0)]
    reach = 8 * sqrt(n * chance * (1 - chance)) + 8
    middle = n * chance
    numbers = range(max(0, int(middle - reach)), min(n, int(middle + reach)) + 1)
    found = ((k, exp(_log_binomial(n, k, chance))) for k in numbers)
    return [(k, share) for k, share in found if share > _NEGLIGIBLE]


def _log_binomial(n: int, k: int, chance: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return ways + k * log(chance) + (n - k) * log(1 - chance)
