"""What models answered to the rows of a test set, judged: all that metrics and gates need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ftrunner.evaluation.verdict import AnswerVerdict
from ftrunner.spec.testing import TestSet


@dataclass(frozen=True, slots=True)
class Graded:
    """One answer held against all expectations of its row.

    `score` is the least of the expectations' scores, from 0 to 1. `label` and `fields` are what
    the `label` and `fields` expectations read in the answer. `at` is when the answer came, in Unix
    seconds: a stored answer keeps its time. `verdict` has the answer itself, and each check.
    """

    passed: bool
    score: float
    label: str | None = None
    fields: Mapping[str, float] = field(default_factory=dict)
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    at: float | None = None
    verdict: AnswerVerdict | None = None


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """All attempts at one row, in order.

    An attempt is None where it could not be measured: its request failed for good, or `max_cost`
    was reached. `id` is the hash of what the row holds; `place` is its file and line. `reference`
    is the row's right label where its expectations have one; `question` is what the user says last.
    """

    id: str
    place: str
    attempts: tuple[Graded | None, ...]
    cluster: str | None = None
    slices: Mapping[str, str] = field(default_factory=dict)
    reference: str | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """One model's answers to the rows of one set, in the rows' order.

    `leaked` counts the rows that are left out because the training data has them. The digests are
    those of the rows asked and of the stored answers used.
    """

    set: TestSet
    model: str
    rows: tuple[MeasuredRow, ...]
    leaked: int
    rows_digest: str
    answers_digest: str

    @property
    def unmeasured(self) -> int:
        """How many attempts could not be measured."""
        return sum(attempt is None for row in self.rows for attempt in row.attempts)
