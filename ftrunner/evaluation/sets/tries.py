"""The answers to the rows of a set, of one model or of two in pairs, as a metric takes them.

What could not be measured is assumed at its worst and at its best, so that it never helps a claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

from ftrunner.evaluation.measured import Graded, MeasuredRow, MeasuredSet
from ftrunner.evaluation.statistics.classification import FigureOf, confusion, macro_f1, precision
from ftrunner.spec.testing import TestSet

_MOST_CHOSEN = 200  # wrong labels, each for its effect; with more missing nothing is shown anyway
_OF_LABELS = ("accuracy", "macro_f1", "precision", "recall")


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured: a kind, and for some the label or field it is about (`recall.billing`)."""

    kind: str
    key: str = ""

    @classmethod
    def named(cls, name: str) -> Metric:
        """The metric that a spec calls so."""
        kind, _, key = name.partition(".")
        return cls(kind, key)

    @property
    def of_all_rows(self) -> FigureOf | None:
        """How it is computed of all rows together; None where it is a mean over rows."""
        if self.kind == "macro_f1":
            return macro_f1
        if self.kind == "precision":
            return lambda counts: precision(counts, self.key)
        return None

    @property
    def is_of_labels(self) -> bool:
        return self.kind in _OF_LABELS

    def is_single(self, test_set: TestSet, *, compared: bool) -> bool:
        """Whether each number is one answer, right or wrong, of one model or of two `compared`."""
        whole_pair = compared and self.of_all_rows is not None
        is_share = self.kind not in ("score", "macro_f1") and not whole_pair
        return is_share and test_set.repeat == 1 and test_set.cluster is None

    def of_answer(self, answer: Graded, truth: str | None) -> float:
        """The number of one answer. Raises ValueError for a score that is not from 0 to 1."""
        if self.kind == "passed":
            return 1.0 if answer.passed else 0.0
        if self.is_of_labels:
            return 1.0 if answer.label is not None and answer.label == truth else 0.0
        value = answer.score if self.kind == "score" else answer.fields.get(self.key, 0.0)
        if not 0 <= value <= 1:
            raise ValueError(f"a score is from 0 to 1: {value}")
        return value


class AnsweredRow(NamedTuple):
    """The answers to one row that count: of one model, or of two in pairs."""

    truth: str | None
    group: Hashable
    first: tuple[Graded, ...]
    second: tuple[Graded, ...] = ()

    def number(self, metric: Metric) -> float:
        """The mean over its answers, or their mean difference."""
        return self._mean(metric, self.first) - self._mean(metric, self.second)

    def _mean(self, metric: Metric, answers: tuple[Graded, ...]) -> float:
        if not answers:
            return 0.0
        if len(answers) == 1:
            return metric.of_answer(answers[0], self.truth)
        return fsum(metric.of_answer(one, self.truth) for one in answers) / len(answers)


Filled = Callable[[str | None], tuple[Graded, Graded]]


@dataclass(frozen=True, slots=True)
class Tries:
    """What one model, or two, answered to the rows of a set."""

    first: MeasuredSet
    second: MeasuredSet | None
    metric: Metric

    @property
    def is_clustered(self) -> bool:
        return self.first.set.cluster is not None

    @property
    def lack_labels(self) -> bool:
        """Whether the metric needs a right label that some row does not have."""
        return self.metric.is_of_labels and any(row.reference is None for row in self.first.rows)

    @property
    def labels(self) -> set[str]:
        """Every label that may be given: of the expectations, the rows and the answers."""
        answers = [
            answer
            for measured in (self.first, self.second)
            if measured is not None
            for row in measured.rows
            for answer in row.attempts
        ]
        listed = {
            label
            for assertion in self.first.set.expect
            if assertion.kind == "label"
            for label in assertion.value["in"]
        }
        right = {row.reference for row in self.first.rows}
        given = {answer.label for answer in answers if answer is not None}
        return {label for label in listed | right | given | {self.metric.key} if label}

    @property
    def missing(self) -> float:
        """How many rows could not be measured: a row of which one of two tries is missing, half."""
        if not any(one.unmeasured for one in (self.first, self.second) if one):
            return 0.0
        return sum(
            sum(None in pair for pair in tries) / len(tries) for _, tries in self._all() if tries
        )

    def measured(self) -> list[AnsweredRow]:
        """The rows with the tries of which all answers were measured."""
        rows = []
        for row, tries in self._all():
            whole = [pair for pair in tries if None not in pair]
            if whole:
                rows.append(self._row(row, whole))
        return rows

    def completed(self, filled: Filled) -> list[AnsweredRow]:
        """All rows; a try that was not measured has the answers that are assumed for its label."""
        return [
            self._row(
                row,
                [filled(row.reference)[: len(pair)] if None in pair else pair for pair in tries],
            )
            for row, tries in self._all()
        ]

    def relevant(self, rows: list[AnsweredRow]) -> list[AnsweredRow]:
        """The rows that the metric depends on: others would only make it look more certain."""
        if self.metric.kind == "recall":
            return [row for row in rows if row.truth == self.metric.key]
        if self.metric.kind == "precision":
            return [row for row in rows if times_given(row.first + row.second, self.metric.key)]
        return rows

    def _all(self) -> Iterator[tuple[MeasuredRow, list[tuple[Graded | None, ...]]]]:
        if self.second is None:
            for row in self.first.rows:
                yield row, [(answer,) for answer in row.attempts]
            return
        for row, other in zip(self.first.rows, self.second.rows, strict=True):
            yield row, list(zip(row.attempts, other.attempts, strict=True))

    def _row(self, row: MeasuredRow, tries: Sequence[tuple[Graded | None, ...]]) -> AnsweredRow:
        first = tuple(pair[0] for pair in tries if pair[0] is not None)
        second = tuple(pair[1] for pair in tries if pair[1:] and pair[1] is not None)
        group = row.cluster if self.is_clustered and row.cluster is not None else ("row", row.place)
        return AnsweredRow(row.reference, group, first, second if self.second else ())


def times_given(answers: Sequence[Graded], label: str) -> int:
    """How many answers have the label."""
    return sum(answer.label == label for answer in answers)


def assumed(tries: Tries, rows: Sequence[AnsweredRow]) -> tuple[Filled, Filled]:
    """The answers to assume for a label, against the first model and for it."""

    def right(truth: str | None) -> Graded:
        return Graded(passed=True, score=1.0, label=truth, fields={tries.metric.key: 1.0})

    def wrong_of(
        answers: Callable[[AnsweredRow], Sequence[Graded]],
    ) -> Callable[[str | None], Graded]:
        label = _wrong_label(tries, rows, answers)
        return lambda truth: Graded(passed=False, score=0.0, label=label(truth or ""))

    wrong_first = wrong_of(lambda row: row.first)
    wrong_second = wrong_of(lambda row: row.second)
    return (
        lambda truth: (wrong_first(truth), right(truth)),
        lambda truth: (right(truth), wrong_second(truth)),
    )


def _wrong_label(
    tries: Tries, rows: Sequence[AnsweredRow], answers: Callable[[AnsweredRow], Sequence[Graded]]
) -> Callable[[str], str | None]:
    """The wrong label that costs the figure most, beside those that were chosen before."""
    figure = tries.metric.of_all_rows
    if figure is None:
        return lambda _: None
    counts = Counter(
        confusion((row.truth or "", one.label) for row in rows for one in answers(row))
    )
    labels = sorted(tries.labels)
    chosen: dict[str, str | None] = {}

    def costing(truth: str) -> str | None:
        def with_one(label: str | None) -> float:
            return figure({**counts, (truth, label): counts[truth, label] + 1})

        if sum(counts.values()) < enough or truth not in chosen:
            others = (label for label in labels if label != truth)
            chosen[truth] = min((None, *others), key=with_one)
        counts[truth, chosen[truth]] += 1
        return chosen[truth]

    enough = sum(counts.values()) + _MOST_CHOSEN
    return costing
