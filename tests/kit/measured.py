"""Hand-made answers to the rows of test sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftrunner.evaluation.measured import Graded, MeasuredRow, MeasuredSet
from ftrunner.spec.testing import TestSet

Attempt = float | str | Graded | None


def _graded(attempt: Any, truth: str | None) -> Graded | None:
    if attempt is None or isinstance(attempt, Graded):
        return attempt
    if isinstance(attempt, str):
        right = attempt == truth
        return Graded(passed=right, score=float(right), label=attempt or None)
    return Graded(passed=attempt == 1, score=attempt)


def measured(
    rows: Sequence[Attempt | Sequence[Attempt]],
    *,
    name: str = "tickets",
    model: str = "tuned-model",
    truths: Sequence[str] | None = None,
    clusters: Sequence[str | None] | None = None,
    slices: Mapping[str, Sequence[str]] | None = None,
    weigh: str = "row",
) -> MeasuredSet:
    """One model's answers: each row has one attempt, or a list of them.

    An attempt is a score from 0 to 1, where 1 passes; a label; or an answer as it is. None could
    not be measured.
    """
    found = []
    for number, row in enumerate(rows):
        attempts = row if isinstance(row, list | tuple) else (row,)
        truth = truths[number] if truths else None
        found.append(
            MeasuredRow(
                id=f"row-{number}",
                place=f"data/{name}.jsonl:{number + 1}",
                attempts=tuple(_graded(attempt, truth) for attempt in attempts),
                cluster=clusters[number] if clusters else None,
                slices={column: values[number] for column, values in (slices or {}).items()},
                reference=truth,
            )
        )
    test_set = TestSet(
        name=name,
        file=f"data/{name}.jsonl",
        expect=(),
        cluster="customer" if clusters else None,
        weigh=weigh,
        slices=tuple(slices or ()),
        repeat=len(found[0].attempts) if found else 1,
    )
    return MeasuredSet(test_set, model, tuple(found), 0, "rows", "answers")


def pair(
    better: int, worse: int, of: int, *, both_pass: int = 0
) -> tuple[MeasuredSet, MeasuredSet]:
    """Two models that differ in so many of the rows; the rest both fail, or both pass."""
    same = [1.0] * both_pass + [0.0] * (of - better - worse - both_pass)
    tuned = [1.0] * better + [0.0] * worse + same
    other = [0.0] * better + [1.0] * worse + same
    return measured(tuned), measured(other, model="other-model")
