"""What tests can show, before anyone pays for an answer: gate by gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
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
    show if not one answer changes.
    """

    gate: Gate
    has: int
    unit: str
    can_show: bool
    needed: int | None
    why: str
    least_margin: float = 0.0

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
    return tuple(
        _Looking(
            gate,
            extents[gate.set],
            tests.confidence,
            (changed or {}).get((gate.set, gate.opponent or "")),
        ).found()
        for gate in tests.gates
        if gate.set and gate.set in extents and (gate.opponent or gate.at_least is not None)
    )


def evidence_findings(spec: Spec, sets: Mapping[str, SetRows]) -> tuple[Finding, ...]:
    """A warning for each gate that the rows cannot show, whatever the answers are."""
    tests = spec.tests
    found = outlook(tests, {name: Extent.of(read) for name, read in sets.items()})
    return tuple(_finding(spec, one) for one in found if not one.can_show)


def _finding(spec: Spec, one: GateOutlook) -> Finding:
    number = next(i for i, gate in enumerate(spec.tests.gates) if gate is one.gate)
    hint = "the gate will be open, which is exit code 8; add rows"
    if one.gate.margin:
        hint += f", or allow a margin of {points(ceil(1000 * one.least_margin) / 1000)}"
    finding = point(
        spec,
        ("tests", "gates", number),
        code="FT521",
        message=f"the tests cannot show '{one.claim}': {one.why}",
        hint=hint,
    )
    return replace(finding, severity=Severity.WARNING)


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
        is_share = self.metric.kind in ("passed", "accuracy", "recall", "fields")
        return is_share and self.extent.set.repeat == 1 and self.extent.clusters is None

    def found(self) -> GateOutlook:
        if self.gate.point:
            return self._shows(f"the figure itself is held against {percent(self._least)}")
        if reason := self._no_interval():
            return GateOutlook(self.gate, self.numbers, self.unit, False, None, reason)
        if self.gate.better_than:
            return self._better()
        return self._not_worse() if self.gate.not_worse_than else self._reached()

    @property
    def _least(self) -> float:
        return self.gate.at_least or 0.0

    def _shows(self, why: str) -> GateOutlook:
        return GateOutlook(self.gate, self.numbers, self.unit, True, None, why)

    def _cannot(self, needed: int, condition: str) -> GateOutlook:
        there = f"there {'is' if self.numbers == 1 else 'are'} {self.numbers:,}"
        if needed >= MOST_PROMPTS:
            why = f"no number of {self.unit}s shows this"
            return GateOutlook(self.gate, self.numbers, self.unit, False, None, why)
        why = f"{needed:,} {self.unit}s are needed even if {condition}, and {there}"
        return GateOutlook(self.gate, self.numbers, self.unit, False, needed, why)

    def _better(self) -> GateOutlook:
        by = self.gate.by
        needed = fewest_all_better(by, self.confidence, single=self.is_single)
        if self.numbers < needed:
            return self._cannot(needed, "every answer gets better")
        for share in (self.share, 2 * self.share, 4 * self.share):
            shown = share <= 1 and smallest_difference(self.numbers, share, self.confidence, by)
            if shown:
                where = f"where {percent(round(share, 3))} of the answers change"
                where = self.changing if share == self.share else where
                return self._shows(f"shows differences from {points(round(shown, 3))} on, {where}")
        return self._shows("shows it only where most answers change")

    def _not_worse(self) -> GateOutlook:
        margin = self.gate.margin or 0.0
        needed = fewest_without_change(margin, self.confidence)
        if self.numbers < needed:
            found = self._cannot(needed, "not one answer changes")
            return replace(found, least_margin=zero_change_margin(self.numbers, self.confidence))
        usual = fewest_for_power(-margin, self.share, self.confidence)
        if self.numbers >= usual:
            return self._shows(f"shows it {self.changing}")
        return self._shows(
            f"shows it where few answers change; about {usual:,} {self.unit}s are needed "
            f"{self.changing}"
        )

    def _reached(self) -> GateOutlook:
        needed = self._fewest_reaching()
        if self.numbers < needed:
            return self._cannot(needed, "every answer is right")
        return self._shows(f"shows it from {percent(self._right_answers())} right answers on")

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
                return f"needs {FEWEST_OF_A_LABEL} rows of each label, and {named} have fewer"
        has = self.extent.labels.get(label, 0)
        if kind in ("precision", "recall") and has < FEWEST_OF_A_LABEL:
            return f"needs {FEWEST_OF_A_LABEL} rows of the label {label!r}, and there are {has}"
        return no_interval_reason(self.extent.clusters, self.extent.rows)
