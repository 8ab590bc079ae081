from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrunner.dataset.prepared import Selection
from ftrunner.dataset.reader import DataFile
from ftrunner.dataset.write import read_rows, write_parts, write_rows


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"

    assert write_rows(path, [b"a", b"", b"b\r"]) == 3
    assert list(read_rows(DataFile("a.jsonl", path))) == [b"a", b"", b"b\r"]


def test_a_failure_leaves_the_file_as_it_was_and_nothing_else(tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield b"new"
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.jsonl"
    path.write_bytes(b"old\n")

    with pytest.raises(OSError, match="No space"):
        write_rows(path, failing())
    assert path.read_bytes() == b"old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_parts_have_every_row_once(tmp_path: Path) -> None:
    rows = [b"%d" % number for number in range(100)]
    one, other = tmp_path / "one", tmp_path / "other"

    counts = write_parts(rows, Selection(0.3, 7, picked=True), one, other)

    assert counts == (one.read_bytes().count(b"\n"), other.read_bytes().count(b"\n"))
    assert sum(counts) == 100
    assert sorted(one.read_bytes().split() + other.read_bytes().split()) == sorted(rows)
