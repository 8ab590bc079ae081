"""Two models on the rows of a set: how they differ, and how sure that is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean, variance

from ftrunner.evaluation.comparison import Comparison, enough, steps
from ftrunner.evaluation.measured import MeasuredSet
from ftrunner.evaluation.sets.metrics import Numbers, Values, difference, own
from ftrunner.evaluation.sets.tries import AnsweredRow, Metric
from ftrunner.evaluation.statistics.classification import Triple, figure_difference
from ftrunner.evaluation.statistics.interval import Interval, plus_two
from ftrunner.evaluation.statistics.power import fewest_without_change
from ftrunner.evaluation.statistics.sign_flip import p_value, swapped_p_value
from ftrunner.evaluation.statistics.words import Word, word
from ftrunner.spec.testing import Tests

_MOST_SLICES = 20


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows with one value in a column: exploratory, never a reason for a gate.

    The p value is adjusted for the number of slices, by Holm's method; above the usual level the
    word is "not enough evidence".
    """

    column: str
    value: str
    found: Comparison


@dataclass(frozen=True, slots=True)
class SetComparison:
    """The tuned model against `opponent` on the rows of one set.

    `tuned` and `other` are the figures of the two, over what was measured. `missing` is how many
    rows could not be measured: the interval allows for the worst and the best of them. `margin` is
    the difference that does not matter, where these rows can show it at all. `narrowing` is the
    share by which asking each row more often could narrow the interval at most; None where each
    was asked once. `found` is None where no row was measured at both.
    """

    set: str
    opponent: str
    metric: str
    rows: int
    clusters: int | None
    missing: float
    tuned: float | None
    other: float | None
    margin: float | None
    found: Comparison | None
    narrowing: float | None = None
    slices: tuple[Slice, ...] = ()


def compare_sets(
    opponent: str,
    tuned: MeasuredSet,
    other: MeasuredSet,
    tests: Tests,
    *,
    metric: str = "passed",
    margin: float | None = None,
) -> SetComparison:
    """Compare two models' answers to the rows of one set.

    Raises ValueError unless both were asked the same rows.
    """
    measure = Metric.named(metric)
    values = difference(tuned, other, measure)
    shown = margin if _can_show(margin, values, tests.confidence) else None
    return SetComparison(
        set=tuned.set.name,
        opponent=opponent,
        metric=metric,
        rows=len(values.rows),
        clusters=values.clusters,
        missing=values.missing,
        tuned=_figure(own(tuned, measure).seen),
        other=_figure(own(other, measure).seen),
        margin=shown,
        found=_found(values, measure, shown, tests),
        narrowing=_narrowing(values.rows, measure),
        slices=_slices(tuned, other, measure, tests),
    )


def _found(values: Values, metric: Metric, margin: float | None, tests: Tests) -> Comparison | None:
    if values.seen is None:
        return None
    changes = [row.number(_by_row(metric)) for row in values.rows]
    interval = _interval(values, tests.confidence)
    reason = values.reason or values.lack(tests.run.unmeasured)
    found = word(None if reason else interval, margin)
    is_open = found is Word.UNDECIDED and interval is not None
    return Comparison(
        prompts=len(values.rows),
        better=sum(change > 0 for change in changes),
        worse=sum(change < 0 for change in changes),
        effect=values.seen.figure,
        confidence=tests.confidence,
        interval=interval,
        reason=reason,
        word=found,
        p_value=_chance(values, metric),
        enough=_enough_rows(values, tests.confidence) if is_open else None,
    )


def _interval(values: Values, confidence: float) -> Interval | None:
    """From the lower bound of the worst to the upper bound of the best."""
    if values.reason or values.seen is None:
        return None
    low = plus_two(values.least.values, confidence).low
    return Interval(low, plus_two(values.most.values, confidence).high)


def _can_show(margin: float | None, values: Values, confidence: float) -> bool:
    """Fewer rows than a margin needs if nothing changes never show "as good"."""
    if not margin:
        return False
    return len(values.least.values) >= fewest_without_change(margin, confidence)


def _by_row(metric: Metric) -> Metric:
    """What says of one row whether it changed."""
    return metric if metric.of_all_rows is None else Metric("accuracy")


def _chance(values: Values, metric: Metric) -> float:
    """How likely a difference this large is by chance; clusters keep together."""
    groups: dict[Hashable, list[AnsweredRow]] = defaultdict(list)
    for row in values.rows:
        groups[row.group].append(row)
    if figure := metric.of_all_rows:
        alike = Counter(tuple(sorted(_triples(rows), key=str)) for rows in groups.values())
        return swapped_p_value(alike, lambda triples: figure_difference(triples, figure))
    sums = [sum(row.number(metric) for row in rows) for rows in groups.values()]
    is_share = metric.kind != "score"
    return p_value(sums, steps=steps([len(r.first) for r in values.rows]) if is_share else 0)


def _triples(rows: Iterable[AnsweredRow]) -> list[Triple]:
    return [
        (row.truth or "", one.label, two.label)
        for row in rows
        for one, two in zip(row.first, row.second, strict=True)
    ]


def _slices(
    tuned: MeasuredSet,
    other: MeasuredSet,
    metric: Metric,
    tests: Tests,
) -> tuple[Slice, ...]:
    """The largest slices, each compared by itself."""
    sizes = Counter(
        (column, row.slices[column])
        for column in tuned.set.slices
        for row in tuned.rows
        if column in row.slices
    )
    slices = []
    for (column, value), _ in sizes.most_common(_MOST_SLICES):
        one, two = _part(tuned, column, value), _part(other, column, value)
        found = _found(difference(one, two, metric), metric, None, tests)
        if found:
            slices.append(Slice(column, value, found))
    return _adjusted(slices, 1 - tests.confidence)


def _part(measured: MeasuredSet, column: str, value: str) -> MeasuredSet:
    rows = tuple(row for row in measured.rows if row.slices.get(column) == value)
    return replace(measured, rows=rows)


def _adjusted(slices: Sequence[Slice], level: float) -> tuple[Slice, ...]:
    """Holm's method: the smallest p value is multiplied by the number of slices, and so on."""
    highest = 0.0
    adjusted = {}
    for rank, one in enumerate(sorted(slices, key=lambda one: one.found.p_value)):
        highest = max(highest, min(1.0, one.found.p_value * (len(slices) - rank)))
        shown = one.found.word if highest <= level else Word.UNDECIDED
        adjusted[one.column, one.value] = replace(one.found, p_value=highest, word=shown)
    return tuple(replace(one, found=adjusted[one.column, one.value]) for one in slices)


def _narrowing(rows: Sequence[AnsweredRow], metric: Metric) -> float | None:
    """The share of the spread that is between the answers to the same row, not between rows."""
    if metric.of_all_rows or len(rows) < 2 or any(len(row.first) < 2 for row in rows):
        return None
    total = variance([row.number(metric) for row in rows])
    if not total:
        return None
    within = fmean(variance(_changes(row, metric)) / len(row.first) for row in rows)
    return 1 - sqrt(max(0.0, total - within) / total)


def _changes(row: AnsweredRow, metric: Metric) -> list[float]:
    return [
        metric.of_answer(one, row.truth) - metric.of_answer(two, row.truth)
        for one, two in zip(row.first, row.second, strict=True)
    ]


def _figure(numbers: Numbers | None) -> float | None:
    return numbers.figure if numbers else None


def _enough_rows(values: Values, confidence: float) -> int | None:
    needed = enough(values.least.values, confidence)
    return values.in_rows(needed) if needed else None
