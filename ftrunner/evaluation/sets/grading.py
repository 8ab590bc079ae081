"""Answers to the rows of a set, held against what each row expects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256

from ftrunner.evaluation.answer_store import StoredAnswer
from ftrunner.evaluation.measured import Graded, MeasuredRow, MeasuredSet
from ftrunner.evaluation.sets.expected import right_label
from ftrunner.evaluation.sets.rows import Row, SetRows
from ftrunner.evaluation.verdict import judge

Attempts = tuple[StoredAnswer | None, ...]


def measured_set(
    rows: SetRows,
    model: str,
    answers: Iterable[Attempts],
    on_row: Callable[[MeasuredRow], None] = lambda _: None,
) -> MeasuredSet:
    """The rows with what `model` answered at each attempt, None where that is not known.

    `on_row` is called with each row once it is judged.
    """
    digest = sha256()
    measured = []
    for row, attempts in zip(rows.rows, answers, strict=True):
        for stored in attempts:
            digest.update(b"null" if stored is None else stored.to_bytes())
        measured.append(_measured(row, attempts))
        on_row(measured[-1])
    return MeasuredSet(
        set=rows.set,
        model=model,
        rows=tuple(measured),
        leaked=rows.leaked,
        rows_digest=rows.digest,
        answers_digest=digest.hexdigest(),
    )


def _measured(row: Row, attempts: Attempts) -> MeasuredRow:
    return MeasuredRow(
        id=row.id,
        place=row.place,
        attempts=tuple(None if stored is None else graded(row, stored) for stored in attempts),
        cluster=row.cluster,
        slices=row.slices,
        reference=right_label(row.expect),
        question=_question(row),
    )


def graded(row: Row, stored: StoredAnswer) -> Graded:
    """One answer, held against all that its row expects."""
    answer = stored.answer
    verdict = judge(row.expect, answer)
    checks = verdict.checks
    fields = {key: score for check in checks for key, score in check.fields.items()}
    return Graded(
        passed=verdict.passed,
        score=min((check.score for check in checks), default=1.0),
        label=next((check.label for check in checks if check.label is not None), None),
        fields=fields,
        seconds=answer.seconds,
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
        at=stored.at,
        verdict=verdict,
    )


def _question(row: Row) -> str:
    said = [message.get("content") for message in row.messages if message["role"] == "user"]
    return said[-1] if isinstance(said[-1], str) else ""
