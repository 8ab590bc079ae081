"""What tests can show, before anyone pays for an answer: gate by gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from ftrunner.evaluation.sets.claims import claim, percent, points
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
)
from ftrunner.spec.testing import Gate, Tests, TestSet


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a test set holds: its rows, the cluster of each, and how many have each label."""

    set: TestSet
    rows: int
    clusters: Sequence[Hashable] | None = None
    labels: Mapping[str, int] = field(default_factory=dict)

    @property
    def numbers(self) -> int:
        """How many observations there are: rows that belong together are one."""
        return self.rows if self.clusters is None else len(set(self.clusters))


@dataclass(frozen=True, slots=True)
class GateOutlook:
    """What the rows can show about one gate.

    `has` rows (or clusters, says `unit`) decide it. Where they cannot show the claim whatever the
    answers, `can_show` is false, and `needed` is how many can; None where no number can, or where
    something else is missing. `why` says it in words.
    """

    gate: Gate
    has: int
    unit: str
    can_show: bool
    needed: int | None
    why: str

    @property
    def claim(self) -> str:
        return claim(self.gate)


def outlook(tests: Tests, extents: Mapping[str, Extent]) -> tuple[GateOutlook, ...]:
    """What can be shown about each gate on a set that could be read, in the spec's order."""
    return tuple(
        _Looking(gate, extents[gate.set], tests.confidence).found()
        for gate in tests.gates
        if gate.set and gate.set in extents and (gate.opponent or gate.at_least is not None)
    )


@dataclass(frozen=True, slots=True)
class _Looking:
    gate: Gate
    extent: Extent
    confidence: float

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
        by, share = self.gate.by, USUAL_SHARE_OF_CHANGES
        needed = fewest_all_better(by, self.confidence, single=self.is_single)
        if self.numbers < needed:
            return self._cannot(needed, "every answer gets better")
        for changing in (share, 2 * share, 4 * share):
            shown = smallest_difference(self.numbers, changing, self.confidence, by)
            if shown is not None:
                least = points(round(shown, 3))
                where = f"where {percent(changing)} of the answers change"
                return self._shows(f"shows differences from {least} on, {where}")
        return self._shows("shows it only where most answers change")

    def _not_worse(self) -> GateOutlook:
        margin = self.gate.margin or 0.0
        needed = fewest_without_change(margin, self.confidence)
        if self.numbers < needed:
            return self._cannot(needed, "not one answer changes")
        changing = percent(USUAL_SHARE_OF_CHANGES)
        usual = fewest_for_power(-margin, USUAL_SHARE_OF_CHANGES, self.confidence)
        if self.numbers >= usual:
            return self._shows(f"shows it where {changing} of the answers change")
        return self._shows(
            f"shows it where few answers change; about {usual:,} {self.unit}s are needed where "
            f"{changing} of them do"
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
