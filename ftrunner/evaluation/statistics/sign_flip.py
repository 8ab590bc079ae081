"""How likely a difference this large is by chance alone: the sign-flip test.

If two models answer equally well, each prompt's difference could as well have had the other sign.
The p value is the share of all sign patterns whose sum is at least as far from zero as the one
seen. It is printed beside an interval and decides nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import comb
from random import Random

from ftrunner.evaluation.statistics.classification import Triple

DRAWS = 20_000
"""Sign patterns drawn where there are too many to count: the p value is then good to 0.003."""

_MOST_STEPS = 300_000
_SCALE = 1 << 8
"""Scores are rounded to this many steps: far finer than 20,000 draws can tell apart."""


def p_value(differences: Sequence[float], *, steps: int = 1, seed: int = 0) -> float:
    """The two-sided p value of a list of differences.

    `steps` says that each difference is a multiple of 1/steps: the number of times each prompt was
    asked. The value is exact then, unless that takes too long; for single binary answers it is
    McNemar's exact test. Scores (steps=0) are compared by seeded draws.
    """
    if steps:
        sizes = Counter(round(abs(value) * steps) for value in differences)
        del sizes[0]
        seen = abs(round(sum(differences) * steps))
        if len(sizes) == 1:
            ((size, count),) = sizes.items()
            return _one_size(seen // size, count)
        if _work(sizes) <= _MOST_STEPS:
            return _exact(sizes, seen)
    return _drawn(differences, steps or _SCALE, Random(seed))  # noqa: S311


def swapped_p_value(
    groups: Mapping[tuple[Triple, ...], int],
    difference: Callable[[Mapping[Triple, int]], float],
    *,
    draws: int = 2_000,
    seed: int = 0,
) -> float:
    """The p value of a corpus figure, such as macro-F1: both models' answers are swapped at random.

    A group is swapped whole: the answers to one prompt, or to the prompts of one cluster, each as
    (true label, one model's label, the other's label). `groups` counts those that are alike.
    """
    chance = Random(seed)  # noqa: S311
    alike: Counter[Triple] = Counter()
    unlike: list[tuple[tuple[Triple, ...], int]] = []
    for group, count in groups.items():
        differing = tuple(triple for triple in group if triple[1] != triple[2])
        unlike.append((differing, count))
        for triple in group:
            if triple[1] == triple[2]:
                alike[triple] += count
    seen = abs(difference(_swapped(alike, unlike, lambda _: 0))) - 1e-12

    def drawn(count: int) -> int:
        return chance.getrandbits(count).bit_count()

    hits = sum(abs(difference(_swapped(alike, unlike, drawn))) >= seen for _ in range(draws))
    return (1 + hits) / (1 + draws)


def _one_size(seen: int, count: int) -> float:
    """All differences are of one size: twice the binomial tail."""
    fewer = (count - seen) // 2
    tail = sum(comb(count, k) for k in range(fewer + 1))
    return float(min(1.0, tail / 2 ** (count - 1)))


def _work(sizes: Mapping[int, int]) -> int:
    reach = sum(size * count for size, count in sizes.items())
    return reach * sum(count + 1 for count in sizes.values())


def _exact(sizes: Mapping[int, int], seen: int) -> float:
    """Sums and their probabilities, one size after another; sizes are whole numbers of steps."""
    chances = {0: 1.0}
    for size, count in sizes.items():
        total = 2**count
        flips = [((2 * k - count) * size, comb(count, k) / total) for k in range(count + 1)]
        grown: dict[int, float] = defaultdict(float)
        for reached, chance in chances.items():
            for change, share in flips:
                grown[reached + change] += chance * share
        chances = grown
    return min(1.0, sum(chance for reached, chance in chances.items() if abs(reached) >= seen))


def _drawn(differences: Sequence[float], scale: int, chance: Random) -> float:
    """Each draw sums the sizes whose sign stays, bit by bit of their whole-number form.

    One number holds a bit of every size, so that a draw is a few operations on large integers.
    """
    whole = [round(value * scale) for value in differences]
    sizes, prompts = [abs(value) for value in whole], len(whole)
    total, seen = sum(sizes), abs(sum(whole))
    planes = [
        (1 << bit, sum(1 << i for i, size in enumerate(sizes) if size >> bit & 1))
        for bit in range(max(sizes, default=0).bit_length())
    ]
    hits = 0
    for _ in range(DRAWS):
        kept = chance.getrandbits(prompts) if prompts else 0
        held = sum([weight * (kept & plane).bit_count() for weight, plane in planes])
        hits += abs(2 * held - total) >= seen
    return (1 + hits) / (1 + DRAWS)


def _swapped(
    alike: Mapping[Triple, int],
    unlike: Sequence[tuple[tuple[Triple, ...], int]],
    drawn: Callable[[int], int],
) -> Mapping[Triple, int]:
    """The triples after as many of each group as are drawn had both models' labels swapped."""
    found = Counter(alike)
    for group, count in unlike:
        changed = drawn(count)
        for truth, one, other in group:
            found[truth, one, other] += count - changed
            found[truth, other, one] += changed
    return found
