"""The rows by which two datasets differ, each by its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftrunner.dataset.totals.diff import ChangedRows
from ftrunner.dataset.totals.row_hashes import Files, place


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
