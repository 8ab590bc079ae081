"""Quantiles of the t and the beta distribution, to about 12 digits.

scipy has them as well, but it and numpy weigh over 200 MB and take longer to import than a whole
command takes to run. The tests compare these with scipy's.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, isclose, lgamma, log, log1p
from statistics import NormalDist

_TINY = 1e-300
_MAX_TERMS = 10_000


def normal_quantile(probability: float) -> float:
    """The value below which a standard normal variable lies with this probability."""
    return NormalDist().inv_cdf(probability)


@lru_cache(maxsize=4096)
def t_quantile(probability: float, degrees: float) -> float:
    """The value below which a t variable lies with this probability, which is at least one half."""
    tail = 2 * (1 - probability)
    if tail >= 1:
        return 0.0
    low, high = 0.0, 2.0
    while _both_tails(high, degrees) > tail:
        low, high = high, high * 2
    while not isclose(low, high, rel_tol=1e-15):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _both_tails(middle, degrees) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=4096)
def beta_quantile(probability: float, a: float, b: float) -> float:
    """The value below which a beta variable lies with this probability."""
    low, high = 0.0, 1.0
    while not isclose(low, high, rel_tol=1e-15, abs_tol=1e-300):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if beta_share(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: the probability that a beta variable is below x."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1 - front * _continued_fraction(1 - x, b, a) / b


def _both_tails(t: float, degrees: float) -> float:
    return beta_share(degrees / (degrees + t * t), degrees / 2, 0.5)


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Lentz's method for the continued fraction of the incomplete beta function.

    Source: Numerical Recipes, third edition, section 6.4.
    """
    c = 1.0
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for numerator in (even, odd):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            step = d * c
            result *= step
        if abs(step - 1) < 1e-16:
            break
    return result


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
