from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrunner.dataset.files.prepared import Selection
from ftrunner.dataset.files.reader import MAX_LINE, DataFile
from ftrunner.dataset.files.write import RowError, read_rows, write_parts, write_rows


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"

    assert write_rows(path, [b"a", b"", b"b\r"]) == 3
    assert list(read_rows(DataFile("a.jsonl", path))) == [b"a", b"", b"b\r"]


@pytest.mark.parametrize("size", [MAX_LINE + 2, MAX_LINE + 300_000])
def test_a_row_that_is_not_read_whole_is_never_copied(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"a\n" + b"x" * (MAX_LINE + 1) + b"\r" * (size - MAX_LINE - 1) + b"\nb\n")
    file = DataFile("a.jsonl", path)

    with pytest.raises(RowError) as refused:
        write_rows(tmp_path / "b.jsonl", read_rows(file))
    assert (refused.value.fault.code, refused.value.fault.line) == ("FT213", 2)
    assert list(tmp_path.iterdir()) == [path]
    assert [len(row) > MAX_LINE for row in read_rows(file, cut=True)] == [False, True, False]


def test_the_longest_row_that_is_read_is_copied_with_its_carriage_return(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * MAX_LINE + b"\r\n")

    [row] = read_rows(DataFile("a.jsonl", path))
    assert len(row) == MAX_LINE + 1


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
