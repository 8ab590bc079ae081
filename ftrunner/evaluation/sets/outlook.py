"""What tests can show, before anyone pays for an answer: gate by gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from ftrunner.evaluation.sets.claims import claim, percent, points
from ftrunner.evaluation.sets.expected import right_label
from ftrunner.evaluation.sets.rows import SetRows
from ftrunner.evaluation.sets.tries import Metric
from ftrunner.evaluation.statistics.classification import FEWEST_OF_A_LABEL, rare_labels
from ftrunner.evaluation.statistics.interval import (
    mean_score,
    no_interval_reason,
    rate,
)
from ftrunner.evaluation.statistics.power import (
    MOST_PROMPTS,
    USUAL_SHARE_OF_CHANGES,
    fewest,
    fewest_all_better,
    fewest_for_power,
    fewest_passing,
    fewest_without_change,
    smallest_difference,
    zero_change_margin,
)
from ftrunner.findings import Finding, Severity
from ftrunner.spec.model import Spec, point
from ftrunner.spec.testing import Gate, Tests, TestSet


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a test set holds: its rows, the cluster of each, and how many have each label."""

    set: TestSet
    rows: int
    clusters: Sequence[Hashable] | None = None
    labels: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, read: SetRows) -> Extent:
        """What a set that was read holds; a row without a cluster belongs to no other."""
        rows, clustered = read.rows, read.set.cluster is not None
        labels = Counter(label for row in rows if (label := right_label(row.expect)) is not None)
        clusters = [("row", row.place) if row.cluster is None else row.cluster for row in rows]
        return cls(read.set, len(rows), clusters if clustered else None, labels)

    @property
    def numbers(self) -> int:
        """How many observations there are: rows that belong together are one."""
        return self.rows if self.clusters is None else len(set(self.clusters))


@dataclass(frozen=True, slots=True)
class GateOutlook:
    """What the rows can show about one gate.

    `has` rows (or clusters, says `unit`) decide it. Where they cannot show the claim whatever the
    answers, `can_show` is false, and `needed` is how many can; None where no number can, or where
    something else is missing. `why` says it in words. `least_margin` is the margin that they could
    show if not one answer changes. Without an interval, the opposite cannot be shown either: then
    `can_fail` is false.
    """

    gate: Gate
    has: int
    unit: str
    can_show: bool
    needed: int | None
    why: str
    least_margin: float = 0.0
    can_fail: bool = True

    @property
    def claim(self) -> str:
        return claim(self.gate)


Shares = Mapping[tuple[str, str], float]
"""The share of the answers that changed between two models, by set and opponent."""


def outlook(
    tests: Tests, extents: Mapping[str, Extent], changed: Shares | None = None
) -> tuple[GateOutlook, ...]:
    """What can be shown about each gate on a set that could be read, in the spec's order.

    `changed` is what a former run saw; where there was none, one answer in ten is assumed.
    """
    return tuple(one.found() for one in _lookings(tests, extents, changed or {}))


def evidence_findings(spec: Spec, sets: Mapping[str, SetRows]) -> tuple[Finding, ...]:
    """A warning for each gate that the rows cannot show, whatever the answers are."""
    extents = {name: Extent.of(read) for name, read in sets.items()}
    found = (one.lacking() for one in _lookings(spec.tests, extents, {}))
    return tuple(_finding(spec, one) for one in found if one is not None)


def _lookings(tests: Tests, extents: Mapping[str, Extent], changed: Shares) -> Iterator[_Looking]:
    for gate in tests.gates:
        if gate.set and gate.set in extents and (gate.opponent or gate.at_least is not None):
            share = changed.get((gate.set, gate.opponent or ""))
            yield _Looking(gate, extents[gate.set], tests.confidence, share)


def _finding(spec: Spec, one: GateOutlook) -> Finding:
    number = next(i for i, gate in enumerate(spec.tests.gates) if gate is one.gate)
    hint = f"{_ends(spec.tests, one)}; add rows"
    if one.gate.margin and one.least_margin:
        hint += f", or allow a margin of {points(ceil(1000 * one.least_margin) / 1000)}"
    if one.gate.at_least is not None:
        hint += ", or hold the figure itself against it: `point: true`"
    finding = point(
        spec,
        ("tests", "gates", number),
        code="FT521",
        message=f"the tests cannot show '{one.claim}': {one.why}",
        hint=hint,
    )
    return replace(finding, severity=Severity.WARNING)


def _ends(tests: Tests, one: GateOutlook) -> str:
    """How a gate that cannot pass may end."""
    open_ = "stays undecided" + ("" if tests.may_stay_open(one.gate) else " (exit code 8)")
    if one.can_fail:
        return f"it cannot pass: it {open_} or fails (exit code 5)"
    return f"it cannot pass or fail: it {open_}"


@dataclass(frozen=True, slots=True)
class _Looking:
    gate: Gate
    extent: Extent
    confidence: float
    changed: float | None = None

    @property
    def share(self) -> float:
        """The share of answers that is assumed to change."""
        return USUAL_SHARE_OF_CHANGES if self.changed is None else max(self.changed, 0.01)

    @property
    def changing(self) -> str:
        if self.changed is None:
            return f"where {percent(self.share)} of the answers change"
        return f"where {percent(round(self.share, 3))} of the answers change, as last time"

    @property
    def unit(self) -> str:
        return "row" if self.extent.clusters is None else "cluster"

    @property
    def metric(self) -> Metric:
        return Metric.named(self.gate.metric)

    @property
    def numbers(self) -> int:
        """How many rows or clusters decide; those of other labels do not."""
        if self.metric.kind in ("precision", "recall") and self.extent.clusters is None:
            return self.extent.labels.get(self.metric.key, 0)
        return self.extent.numbers

    @property
    def is_single(self) -> bool:
        return self.metric.is_single(self.extent.set, compared=self.gate.opponent is not None)

    def found(self) -> GateOutlook:
        return self.lacking() or self._shows(self._what())

    def lacking(self) -> GateOutlook | None:
        """What is missing where the rows cannot show the claim, whatever the answers are."""
        if self.gate.point:
            return None
        if reason := self._no_interval():
            return GateOutlook(
                self.gate, self.numbers, self.unit, False, None, reason, can_fail=False
            )
        needed, condition = self._needed()
        if self.numbers >= needed:
            return None
        return self._cannot(needed, condition)

    def _needed(self) -> tuple[int, str]:
        """How many rows can show the claim at all, and on what condition."""
        if self.gate.better_than:
            by = fewest_all_better(self.gate.by, self.confidence, single=self.is_single)
            return by, "every answer gets better"
        if self.gate.not_worse_than:
            margin = self.gate.margin or 0.0
            return fewest_without_change(margin, self.confidence), "not one answer changes"
        return self._fewest_reaching(), "every answer is right"

    def _what(self) -> str:
        """What the rows show, where they can show the claim."""
        if self.gate.point:
            return f"the figure itself is held against {percent(self._least)}"
        if self.gate.better_than:
            return self._differences()
        if self.gate.not_worse_than:
            return self._changes()
        return f"shows it from {percent(self._right_answers(), 1)} right answers on"

    @property
    def _least(self) -> float:
        return self.gate.at_least or 0.0

    def _shows(self, why: str) -> GateOutlook:
        return GateOutlook(self.gate, self.numbers, self.unit, True, None, why)

    def _cannot(self, needed: int, condition: str) -> GateOutlook:
        there = f"there {'is' if self.numbers == 1 else 'are'} {self.numbers:,}"
        why = f"at least {needed:,} {self.unit}s are needed, even if {condition}, and {there}"
        margin = zero_change_margin(self.numbers, self.confidence)
        found = GateOutlook(self.gate, self.numbers, self.unit, False, needed, why, margin)
        if needed < MOST_PROMPTS:
            return found
        return replace(found, needed=None, why=f"no number of {self.unit}s shows this")

    def _differences(self) -> str:
        for share in (self.share, 2 * self.share, 4 * self.share):
            by = self.gate.by
            shown = share <= 1 and smallest_difference(self.numbers, share, self.confidence, by)
            if shown:
                where = f"where {percent(round(share, 3))} of the answers change"
                where = self.changing if share == self.share else where
                return f"shows differences from {points(round(shown, 3))} on, {where}"
        return "shows it only where most answers change"

    def _changes(self) -> str:
        usual = fewest_for_power(-(self.gate.margin or 0.0), self.share, self.confidence)
        if self.numbers >= usual:
            return f"shows it {self.changing}"
        few = "shows it where few answers change"
        return f"{few}; about {usual:,} {self.unit}s are needed {self.changing}"

    def _fewest_reaching(self) -> int:
        if self.is_single:
            return fewest_passing(self._least, self.confidence)
        return fewest(lambda n: mean_score([1.0] * n, self.confidence).low >= self._least)

    def _right_answers(self) -> float:
        """The share of rows that must be right for the claim."""
        n = self.numbers

        def is_enough(right: int) -> bool:
            if self.is_single:
                return rate(min(right, n), n, self.confidence).low >= self._least
            values = [1.0] * min(right, n) + [0.0] * (n - right)
            return mean_score(values, self.confidence).low >= self._least

        return fewest(is_enough) / n

    def _no_interval(self) -> str | None:
        kind, label = self.metric.kind, self.metric.key
        if kind == "macro_f1":
            labels = Counter(dict(self.extent.labels))
            if rare := rare_labels(labels.elements()):
                named = " and ".join(map(repr, rare))
                has = "has" if len(rare) == 1 else "have"
                return f"needs {FEWEST_OF_A_LABEL} rows of each label, and {named} {has} fewer"
        rows = self.extent.labels.get(label, 0)
        if kind in ("precision", "recall") and rows < FEWEST_OF_A_LABEL:
            there = f"there {'is' if rows == 1 else 'are'} {rows}"
            return f"needs {FEWEST_OF_A_LABEL} rows of the label {label!r}, and {there}"
        return no_interval_reason(self.extent.clusters, self.extent.rows)
