"""The figures of a test set, as lists of numbers that are ready for an interval.

Most figures are the mean of one number for each row. Precision and macro-F1 belong to all rows
together: their numbers are jackknife values. Where rows belong together, each cluster has one
number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, fsum

from ftrunner.evaluation.measured import MeasuredSet
from ftrunner.evaluation.sets.tries import AnsweredRow, Metric, Tries, assumed, times_given
from ftrunner.evaluation.statistics.classification import (
    FEWEST_OF_A_LABEL,
    FigureOf,
    confusion,
    figure_values,
    own_values,
    rare_labels,
)
from ftrunner.evaluation.statistics.interval import (
    Interval,
    by_cluster,
    mean_score,
    no_interval_reason,
    rate,
)

_NOTHING_MEASURED = "no answer could be measured"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A figure, and the numbers whose spread says how sure it is."""

    figure: float
    values: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """A figure of one model, or its difference between two, over the rows that it depends on.

    `rows` were measured, and `seen` is their figure; None where there are none. `least` and `most`
    assume the worst and the best of what could not be measured: as much as `missing` of the `asked`
    rows. `single` says that each number is one answer, right or wrong. Where there can be no
    interval, `reason` says why, and there are no numbers.
    """

    rows: Sequence[AnsweredRow]
    clusters: int | None
    asked: int
    missing: float
    seen: Numbers | None
    least: Numbers
    most: Numbers
    single: bool
    reason: str | None

    def lack(self, unmeasured: float) -> str | None:
        """What is missing, where it is more than one row and this share of them."""
        if self.missing <= max(1.0, unmeasured * self.asked) + 1e-9:
            return None
        return f"{round(self.missing, 1):,g} of {self.asked:,} rows could not be measured"

    def own_bounds(self, numbers: Numbers, confidence: float) -> Interval:
        """The bounds of one model's figure: exact where each number is right or wrong."""
        if self.single:
            passed = round(sum(numbers.values))
            return rate(passed, len(numbers.values), confidence)
        return mean_score(numbers.values, confidence)

    def own_interval(self, confidence: float) -> Interval | None:
        """From the lower bound of the worst to the upper bound of the best."""
        if self.reason or self.seen is None:
            return None
        low = self.own_bounds(self.least, confidence).low
        return Interval(low, self.own_bounds(self.most, confidence).high)

    def in_rows(self, numbers: int) -> int:
        """How many rows have as many numbers, where clusters and labels go on as they are."""
        return ceil(numbers * self.asked / len(self.least.values))


def own(measured: MeasuredSet, metric: Metric) -> Values:
    """The figure of one model."""
    return _values(Tries(measured, None, metric))


def own_figures(measured: MeasuredSet, metrics: Iterable[Metric]) -> Iterator[Values]:
    """Several figures of one model; its answers are sorted once for all."""
    rows = Tries(measured, None, Metric("passed")).measured()
    return (_values(Tries(measured, None, metric), rows) for metric in metrics)


def difference(tuned: MeasuredSet, other: MeasuredSet, metric: Metric) -> Values:
    """The figure of the first model less that of the second.

    Raises ValueError unless both were asked the same rows, equally often.
    """
    if [row.id for row in tuned.rows] != [row.id for row in other.rows]:
        raise ValueError(f"{tuned.model} and {other.model} were not asked the same rows")
    return _values(Tries(tuned, other, metric))


def _values(tries: Tries, answered: list[AnsweredRow] | None = None) -> Values:
    """The figure over the rows that were `answered`, where they are known already."""
    answered = tries.measured() if answered is None else answered
    rows = [] if tries.lack_labels else tries.relevant(answered)
    missing = tries.missing
    worst, best = _assumed_rows(tries, rows) if missing else (rows, rows)
    reason = _no_interval(tries, rows, worst, best)
    numbers, least, most = (
        _numbers(tries, some, with_values=reason is None) for some in (rows, worst, best)
    )
    return Values(
        rows=rows,
        clusters=len({row.group for row in rows}) if tries.is_clustered else None,
        asked=len(tries.first.rows),
        missing=missing,
        seen=numbers if rows else None,
        least=least,
        most=most,
        single=tries.metric.is_single(tries.first.set, compared=tries.second is not None),
        reason=reason,
    )


def _assumed_rows(
    tries: Tries, rows: Sequence[AnsweredRow]
) -> tuple[list[AnsweredRow], list[AnsweredRow]]:
    worst, best = assumed(tries, rows)
    return tries.relevant(tries.completed(worst)), tries.relevant(tries.completed(best))


def _numbers(tries: Tries, rows: Sequence[AnsweredRow], *, with_values: bool) -> Numbers:
    """The figure of these rows. Without values where clusters are too few for them."""
    if not rows:
        return Numbers(0.0)
    if figure := tries.metric.of_all_rows:
        return _of_all_rows(figure, rows, clustered=tries.is_clustered, with_values=with_values)
    values = [row.number(tries.metric) for row in rows]
    if not tries.is_clustered:
        return Numbers(fsum(values) / len(values), values if with_values else ())
    groups = [row.group for row in rows]
    if tries.first.set.weigh == "cluster":
        means = _means(values, groups)
        return Numbers(fsum(means) / len(means), means if with_values else ())
    together = by_cluster(values, groups) if with_values else ()
    return Numbers(fsum(values) / len(values), together)


def _means(values: Sequence[float], groups: Sequence[Hashable]) -> list[float]:
    members: dict[Hashable, list[float]] = defaultdict(list)
    for value, group in zip(values, groups, strict=True):
        members[group].append(value)
    return [fsum(member) / len(member) for member in members.values()]


def _of_all_rows(
    figure: FigureOf, rows: Sequence[AnsweredRow], *, clustered: bool, with_values: bool
) -> Numbers:
    first = [(row.truth or "", one.label) for row in rows for one in row.first]
    second = [(row.truth or "", one.label) for row in rows for one in row.second]
    whole = figure(confusion(first)) - (figure(confusion(second)) if second else 0.0)
    if not with_values:
        return Numbers(whole)
    single = not clustered and len(first) == len(rows)
    groups = None if single else [row.group for row in rows for _ in row.first]
    if not second:
        return Numbers(whole, own_values(first, figure, groups))
    triples = [(truth, one, two) for (truth, one), (_, two) in zip(first, second, strict=True)]
    return Numbers(whole, figure_values(triples, figure, groups))


def _no_interval(
    tries: Tries, rows: Sequence[AnsweredRow], *assumed: Sequence[AnsweredRow]
) -> str | None:
    """Why there is no interval, of what was measured or with what is assumed for the rest."""
    if tries.lack_labels:
        return "not every row has a right label"
    reason = _rare(tries, rows)
    if reason or not rows:
        return reason or _NOTHING_MEASURED
    reasons = (
        no_interval_reason([row.group for row in some] if tries.is_clustered else None, len(some))
        for some in (rows, *assumed)
    )
    return next((found for found in reasons if found), None)


def _rare(tries: Tries, rows: Sequence[AnsweredRow]) -> str | None:
    """Names labels with too few examples."""
    kind, label = tries.metric.kind, tries.metric.key
    if kind == "macro_f1":
        rare = rare_labels(row.truth for row in rows if row.truth is not None)
        named = f"fewer than {FEWEST_OF_A_LABEL} rows have the label {' or '.join(map(repr, rare))}"
        return named if rare else None
    if kind == "recall" and len(rows) < FEWEST_OF_A_LABEL:
        return f"{len(rows)} rows have the label {label!r}, fewer than {FEWEST_OF_A_LABEL}"
    if kind == "precision" and (given := _fewest_given(tries, rows)) < FEWEST_OF_A_LABEL:
        return f"{given:g} answers have the label {label!r}, fewer than {FEWEST_OF_A_LABEL}"
    return None


def _fewest_given(tries: Tries, rows: Sequence[AnsweredRow]) -> float:
    """How many rows got the label, from the model that gave it less; a missing try gave none."""
    models = [[row.first for row in rows]]
    if tries.second is not None:
        models.append([row.second for row in rows])
    label, repeat = tries.metric.key, tries.first.set.repeat
    return min(sum(times_given(answers, label) for answers in one) / repeat for one in models)
