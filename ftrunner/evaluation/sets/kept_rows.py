"""Rows of test sets, as they are kept: those that two models answered differently, and all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ftrunner.evaluation.measured import Graded, MeasuredRow, MeasuredSet
from ftrunner.evaluation.sets.gates import Measured
from ftrunner.evaluation.verdict import AnswerVerdict
from ftrunner.state.results import ChangedRow, KeptAnswer, KeptCheck, KeptRow

_MOST_ROWS = 200
_MOST_BETTER = 12
_LONGEST = 4_000  # characters of an answer to a changed row; `rows.jsonl` has all of it


def differences(tuned: MeasuredSet, other: MeasuredSet) -> tuple[float | None, ...]:
    """How much better the tuned model answered each row; None where no pair was measured."""
    return tuple(_difference(one, two) for one, two in zip(tuned.rows, other.rows, strict=True))


def _difference(tuned: MeasuredRow, other: MeasuredRow) -> float | None:
    """The share of answers that passed, less the other model's."""
    pairs = [
        one.passed - two.passed
        for one, two in zip(tuned.attempts, other.attempts, strict=True)
        if one is not None and two is not None
    ]
    return sum(pairs) / len(pairs) if pairs else None


def changed_rows(
    tuned: MeasuredSet, other: MeasuredSet, changes: Sequence[float | None]
) -> tuple[tuple[ChangedRow, ...], int]:
    """Rows that got worse, the worst first, then some that got better; how many are left out."""
    together = zip(tuned.rows, other.rows, changes, strict=True)
    found = [(one, two, change) for one, two, change in together if change]
    worse = sorted((each for each in found if each[2] < 0), key=lambda each: each[2])
    better = sorted((each for each in found if each[2] > 0), key=lambda each: -each[2])
    shown = [*worse[: _MOST_ROWS - _MOST_BETTER], *better[:_MOST_BETTER]]
    return tuple(_changed_row(*each) for each in shown), len(found) - len(shown)


def _changed_row(tuned: MeasuredRow, other: MeasuredRow, difference: float) -> ChangedRow:
    return ChangedRow(
        id=tuned.id,
        place=tuned.place,
        question=tuned.question[:_LONGEST],
        difference=difference,
        reference=tuned.reference,
        cluster=tuned.cluster,
        slices=tuned.slices,
        tuned=tuple(_answer(one, _LONGEST) for one in tuned.attempts),
        other=tuple(_answer(one, _LONGEST) for one in other.attempts),
    )


def _answer(graded: Graded | None, longest: int | None = None) -> KeptAnswer | None:
    if graded is None:
        return None
    kept = KeptAnswer(text="", passed=graded.passed, score=graded.score)
    if graded.verdict is not None:
        kept = kept_answer(graded.verdict)
    return replace(
        kept,
        text=kept.text[:longest],
        score=graded.score,
        label=graded.label,
        seconds=graded.seconds,
        tokens_in=graded.tokens_in,
        tokens_out=graded.tokens_out,
        at=graded.at,
    )


def kept_answer(verdict: AnswerVerdict) -> KeptAnswer:
    """An answer as it is kept."""
    given = verdict.given
    return KeptAnswer(
        text=verdict.answer,
        passed=verdict.passed,
        score=min((check.score for check in verdict.checks), default=1.0),
        checks=tuple(
            KeptCheck(expected=check.expected, passed=check.passed, why=check.why)
            for check in verdict.checks
        ),
        seconds=given.seconds if given else None,
        tokens_in=given.tokens_in if given else None,
        tokens_out=given.tokens_out if given else None,
    )


def kept_rows(measured: Measured) -> Iterator[KeptRow]:
    """Every row of every set, with each model's answers to it."""
    for name, answers in measured.items():
        for together in zip(*(one.rows for one in answers.values()), strict=True):
            row = together[0]
            yield KeptRow(
                set=name,
                id=row.id,
                place=row.place,
                question=row.question,
                reference=row.reference,
                cluster=row.cluster,
                slices=row.slices,
                answers={
                    who: tuple(map(_answer, one.attempts))
                    for who, one in zip(answers, together, strict=True)
                },
            )
