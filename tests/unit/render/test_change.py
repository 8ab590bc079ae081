from __future__ import annotations

import pytest

from ftrunner.dataset.totals.diff import ChangedRows
from ftrunner.engine.data_change import DataChange
from ftrunner.render.documents.data_change import as_fields, as_lines, share

ROWS = ChangedRows(range(120), range(3), [(n, n) for n in range(7)], 1000)
SAME = ChangedRows([], [], [], 10)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            DataChange("job", {"train": ROWS, "validation": SAME}, (100, 104)),
            ["train data: +120 −3 ~7 rows, +4% tokens since job"],
        ),
        (
            DataChange("job", {"train": SAME, "validation": ROWS}, (100, 100)),
            ["validation data: +120 −3 ~7 rows since job"],
        ),
        (
            DataChange("job", {"train": SAME}),
            ["data: the same rows as those of job, in another order or split"],
        ),
        (
            DataChange("job", rewritten=True),
            ["data: the same rows as those of job, written differently"],
        ),
        (
            DataChange("job", unknown="they are lost"),
            ["data: what changed since job is unknown: they are lost"],
        ),
    ],
)
def test_a_change_is_reported_in_a_line_a_split(change: DataChange, lines: list[str]) -> None:
    assert list(as_lines(change)) == lines


@pytest.mark.parametrize(
    ("before", "now", "reported"),
    [(100, 104, "+4%"), (100, 90, "−10%"), (1000, 1003, "+0.3%"), (5, 5, "+0%"), (0, 3, "+0%")],
)
def test_a_share_has_as_many_digits_as_say_something(before: int, now: int, reported: str) -> None:
    assert share(before, now) == reported


def test_rows_are_listed_where_they_are_asked_for() -> None:
    changed = ChangedRows(added=[3, 4], removed=[0], changed=[(1, 2)], unchanged=1)
    after = [("a.jsonl", 4), ("b.jsonl", 1)]
    change = DataChange("job", {"train": changed}, after={"train": after})

    assert list(as_lines(change, rows=True)) == [
        "train data: +2 −1 ~1 rows since job",
        "~ a.jsonl:3 (before: row 2)",
        "+ a.jsonl:4",
        "+ b.jsonl:1",
        "− row 1",
    ]
    assert as_fields(change, rows=True)["splits"]["train"]["rows"] == {
        "changed": [{"before": "row 2", "after": "a.jsonl:3"}],
        "added": ["a.jsonl:4", "b.jsonl:1"],
        "removed": ["row 1"],
    }
