"""Figures of a set of labels: macro-F1, precision and recall, with jackknife values for intervals.

A prompt is a triple of labels: the true one and what two models said; for one model alone both are
the same. An answer without a label is None: always wrong, and not a label.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from ftrunner.evaluation.statistics.interval import pseudo_values

FEWEST_OF_A_LABEL = 10
"""With one or two examples of a label an interval covers as little as 77 % where it says 95 %."""

Confusion = Mapping[tuple[str, str | None], int]
"""How many prompts have this true label and were given that label."""

T = TypeVar("T", bound=Hashable)

Triple = tuple[str, str | None, str | None]
FigureOf = Callable[[Confusion], float]


def confusion(pairs: Iterable[tuple[str, str | None]]) -> Confusion:
    """Count prompts by their true label and the label that was given."""
    return Counter(pairs)


def precision(counts: Confusion, label: str) -> float:
    """The share of answers with this label that are right; 0 where there is none."""
    given = sum(n for (_, said), n in counts.items() if said == label)
    return counts.get((label, label), 0) / given if given else 0.0


def recall(counts: Confusion, label: str) -> float:
    """The share of prompts with this true label that got it; 0 where there is none."""
    true = sum(n for (truth, _), n in counts.items() if truth == label)
    return counts.get((label, label), 0) / true if true else 0.0


def f1(counts: Confusion, label: str) -> float:
    """The harmonic mean of precision and recall of one label."""
    mentions = sum(n * ((t == label) + (s == label)) for (t, s), n in counts.items())
    return 2 * counts.get((label, label), 0) / mentions if mentions else 0.0


def macro_f1(counts: Confusion) -> float:
    """The mean F1 of all labels that are true or given somewhere, each label counting once."""
    mentions: dict[str, int] = defaultdict(int)
    for (truth, said), n in counts.items():
        if n:
            mentions[truth] += n
            if said is not None:
                mentions[said] += n
    found = [2 * counts.get((label, label), 0) / n for label, n in mentions.items()]
    return sum(found) / len(found) if found else 0.0


def figure_values(
    triples: Sequence[Triple], figure: FigureOf, clusters: Sequence[Hashable] | None = None
) -> list[float]:
    """Jackknife values of a figure's difference: the first model's less the second's.

    One value for each prompt, or for each cluster where rows belong together.
    """
    groups = _groups(triples, clusters)
    whole = Counter(triples)
    left_out = {group: figure_difference(_without(whole, group), figure) for group in set(groups)}
    return pseudo_values(figure_difference(whole, figure), [left_out[group] for group in groups])


def own_values(
    pairs: Sequence[tuple[str, str | None]],
    figure: FigureOf,
    clusters: Sequence[Hashable] | None = None,
) -> list[float]:
    """Jackknife values of one model's figure: one for each prompt, or for each cluster."""
    groups = _groups(pairs, clusters)
    whole = Counter(pairs)
    left_out = {group: figure(_without(whole, group)) for group in set(groups)}
    return pseudo_values(figure(whole), [left_out[group] for group in groups])


def rare_labels(truths: Iterable[str]) -> list[str]:
    """The labels with too few true examples for an interval, in alphabetical order."""
    return sorted(label for label, n in Counter(truths).items() if n < FEWEST_OF_A_LABEL)


def _groups(rows: Sequence[T], clusters: Sequence[Hashable] | None) -> list[tuple[T, ...]]:
    if clusters is None:
        return [(row,) for row in rows]
    members: dict[Hashable, list[T]] = defaultdict(list)
    for row, cluster in zip(rows, clusters, strict=True):
        members[cluster].append(row)
    return [tuple(group) for group in members.values()]


def _without(whole: Counter[T], group: Iterable[T]) -> Counter[T]:
    left = whole.copy()
    left.subtract(group)
    return left


def figure_difference(triples: Mapping[Triple, int], figure: FigureOf) -> float:
    """A figure of the first model less that of the second, of so many prompts of each triple."""
    one: Counter[tuple[str, str | None]] = Counter()
    other: Counter[tuple[str, str | None]] = Counter()
    for (truth, first, second), n in triples.items():
        one[truth, first] += n
        other[truth, second] += n
    return figure(one) - figure(other)
