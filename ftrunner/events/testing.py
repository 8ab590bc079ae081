"""Tests of a model: answers, test sets, comparisons and gates.

Shares and differences are from -1 to 1: 0.02 is two points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from ftrunner.events.base import Event, Name


class Checked(Event, frozen=True):
    """One assertion checked against one answer: what was expected and whether it holds."""

    kind: ClassVar[str] = "checked"
    expected: str
    passed: bool
    why: str | None = None


class AnswerGiven(Event, frozen=True):
    """The tuned model answered a test prompt, for the `attempt`-th time of `repeat`."""

    kind: ClassVar[str] = "answer"
    prompt: Name
    question: str
    answer: str
    attempt: int
    repeat: int
    passed: bool
    checks: tuple[Checked, ...]


class TestsFinished(Event, frozen=True):
    """The verdict on all prompts."""

    kind: ClassVar[str] = "tests_finished"
    model: Name
    passed: int
    failed: int


class AskingProgressed(Event, frozen=True):
    """How far the questions of a test set are with one model, now and then.

    `who` is tuned, or what the spec calls the opponent. Of `total` answers `done` are there:
    `stored` were kept from before, `missing` could not be had, and `passed` passed. `seconds` is
    how long it has been asked.
    """

    kind: ClassVar[str] = "asking"
    set: Name
    who: Name
    model: Name
    done: int
    total: int
    passed: int
    stored: int
    missing: int
    seconds: float


class SetMeasured(Event, frozen=True):
    """How one model did on a test set: the mean share of answers that passed, with its interval.

    Each row was asked `repeat` times; of `passed` rows all answers passed. Without an interval,
    `reason` says why. `leaked` rows are in the training data and were left out; `unmeasured` counts
    answers that could not be had. `metrics` has the other figures.
    """

    kind: ClassVar[str] = "set_measured"
    set: Name
    who: Name
    model: Name
    rows: int
    passed: int
    mean: float | None
    low: float | None
    high: float | None
    reason: str | None
    leaked: int
    unmeasured: int
    repeat: int = 1
    metrics: Mapping[str, Any] = msgspec.field(default_factory=dict)


class RowChanged(Event, frozen=True):
    """A row that the two models answered differently, with the first answer of each."""

    kind: ClassVar[str] = "row_changed"
    place: Name
    question: str
    reference: str | None
    difference: float
    answer: str | None
    other_answer: str | None


class SliceCompared(Event, frozen=True):
    """The effect among the rows in which `column` is `value`. It is exploratory: it never decides.

    `word` allows for how many slices there are.
    """

    kind: ClassVar[str] = "slice_compared"
    column: Name
    value: str
    rows: int
    effect: float
    low: float | None
    high: float | None
    word: Name


class SetCompared(Event, frozen=True):
    """The tuned model against another one on a test set.

    `word` is better, worse, as good, not worse or not enough evidence. `better` and `worse` count
    rows; `changed` lists some of them, the worst first. About `enough` rows would settle an open
    question.
    """

    kind: ClassVar[str] = "set_compared"
    set: Name
    against: Name
    model: Name
    rows: int
    effect: float
    low: float | None
    high: float | None
    confidence: float
    reason: str | None
    word: Name
    better: int
    worse: int
    p_value: float | None
    enough: int | None
    sentence: str
    changed: tuple[RowChanged, ...] = ()
    slices: tuple[SliceCompared, ...] = ()


class GateJudged(Event, frozen=True):
    """One gate. `result` is passed, failed, undecided or skipped; `why` says what decided it.

    An undecided gate is `excused` where the spec lets it stay open. `bound` was compared with
    `threshold`.
    """

    kind: ClassVar[str] = "gate"
    claim: str
    set: Name | None
    result: Name
    why: str
    excused: bool
    bound: float | None
    threshold: float | None


class VerdictReached(Event, frozen=True):
    """The verdict on the tuned model, in one sentence.

    `outcome` is passed, failed or not_enough_evidence. `results` is the file with all of it.
    """

    kind: ClassVar[str] = "verdict"
    outcome: Name
    sentence: str
    results: Name | None
