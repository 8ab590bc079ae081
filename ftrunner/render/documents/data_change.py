"""What changed in the data since the recorded job, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ftrunner.dataset.files.sources import VALIDATION
from ftrunner.dataset.totals.diff import ChangedRows, Difference
from ftrunner.dataset.totals.row_hashes import Files, place
from ftrunner.engine.data_change import DataChange


def as_lines(change: DataChange, *, rows: bool = False) -> Iterator[str]:
    """A line for each split whose rows changed, or one that says why there is none.

    With `rows` also a line for each row.
    """
    if change.unknown:
        yield f"data: what changed since {change.against} is unknown: {change.unknown}"
    elif change.rewritten:
        yield f"data: the same rows as those of {change.against}, written differently"
    elif not any(changed.difference for changed in change.splits.values()):
        yield f"data: the same rows as those of {change.against}, in another order or split"
    for split, changed in change.splits.items():
        if changed.difference:
            yield of_split(split, changed.difference, change.against, change.tokens)
            if rows:
                yield from rows_as_lines(changed, *_files(change, split))


def of_split(
    split: str, rows: Difference, against: str, tokens: tuple[int, int] | None = None
) -> str:
    """`train data: +120 −3 ~7 rows, +4% tokens since ftjob-abc`; training alone has tokens."""
    growth = f", {share(*tokens)} tokens" if tokens and split != VALIDATION else ""
    return f"{split} data: {rows}{growth} since {against}"


def share(before: int, now: int) -> str:
    """The change as `+4%`, and of less than a percent as many digits as matter."""
    change = 100 * (now - before) / before if before else 0.0
    digits = f"{abs(change):.0f}" if abs(change) >= 1 or not change else f"{abs(change):.1g}"
    return f"{'−' if change < 0 else '+'}{digits}%"


def as_fields(change: DataChange, *, rows: bool = False) -> dict[str, Any]:
    """The same as a document."""
    before, now = change.tokens or (None, None)
    return {
        "against": change.against,
        "splits": {
            split: {
                **asdict(changed.difference),
                **({"rows": _rows(change, split)} if rows else {}),
            }
            for split, changed in change.splits.items()
        },
        "tokens": {"before": before, "now": now} if change.tokens else None,
        "unknown": change.unknown,
        "rewritten": change.rewritten,
    }


def _rows(change: DataChange, split: str) -> dict[str, Any]:
    return rows_as_fields(change.splits[split], *_files(change, split))


def _files(change: DataChange, split: str) -> tuple[Files, Files]:
    return change.before.get(split, ()), change.after.get(split, ())


def rows_as_lines(rows: ChangedRows, before: Files, after: Files) -> Iterator[str]:
    """`~ new.jsonl:3 (before: old.jsonl:2)`, `+ new.jsonl:6` and `− old.jsonl:5`."""
    for old, new in rows.changed:
        yield f"~ {place(after, new)} (before: {place(before, old)})"
    yield from (f"+ {place(after, index)}" for index in rows.added)
    yield from (f"− {place(before, index)}" for index in rows.removed)


def rows_as_fields(rows: ChangedRows, before: Files, after: Files) -> dict[str, Any]:
    """The same as a document."""
    return {
        "changed": [
            {"before": place(before, old), "after": place(after, new)} for old, new in rows.changed
        ],
        "added": [place(after, index) for index in rows.added],
        "removed": [place(before, index) for index in rows.removed],
    }
