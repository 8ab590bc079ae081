from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.files import reader
from ftrunner.dataset.files.reader import (
    MAX_LINE,
    DataFile,
    ReadError,
    read_blocks,
    read_head,
    read_pieces,
    read_range,
)
from ftrunner.dataset.files.sources import find_files
from ftrunner.findings import Finding, Location, Severity
from tests.kit.examples import examples

FILES = st.lists(st.binary(max_size=12), max_size=12).map(b"\n".join)


def report(index: int, code: str, message: str, hint: str | None) -> Finding:
    return Finding(code, message, Location(str(index)), hint)


def names(files: tuple[DataFile, ...]) -> list[str]:
    return [file.path.name for file in files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.jsonl", "a.jsonl", "c.json", "d.jsonl.gz", "notes.txt", "odd[1].jsonl"):
        (tmp_path / name).write_bytes(b"{}\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "e.jsonl").write_bytes(b"{}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["a.jsonl"], ["a.jsonl"]),
        (["c.json", "a.jsonl"], ["a.jsonl", "c.json"]),
        (["[ab].jsonl"], ["a.jsonl", "b.jsonl"]),
        (["a.jsonl", "?.jsonl"], ["a.jsonl", "b.jsonl"]),
        (["**/*.jsonl"], ["a.jsonl", "b.jsonl", "e.jsonl", "odd[1].jsonl"]),
        (["odd[1].jsonl"], ["odd[1].jsonl"]),
        (["d.jsonl.gz"], ["d.jsonl.gz"]),
    ],
)
def test_paths_and_globs_are_found_in_path_order(
    folder: Path, patterns: list[str], found: list[str]
) -> None:
    files, findings = find_files(patterns, folder, report)

    assert names(files) == found
    assert findings == ()


@pytest.mark.posix
def test_a_file_under_several_names_is_read_once_and_reported(folder: Path) -> None:
    """A folder's other names are not looked into: that is not a mistake, and nothing to warn of."""
    (folder / "deep" / "again").symlink_to(folder / "deep", target_is_directory=True)
    for name in ("y", "z"):
        (folder / f"{name}.jsonl").symlink_to(folder / "a.jsonl")

    files, findings = find_files(["deep/**/*.jsonl", "[ayz].jsonl", "z.jsonl"], folder, report)

    assert names(files) == ["a.jsonl", "e.jsonl"]
    assert [(found.code, found.location.file, found.severity) for found in findings] == [
        ("FT257", "1", Severity.WARNING),
    ]
    assert re.search(r"y.jsonl' and 1 more: it is read once", findings[0].message)


def test_an_absolute_pattern_is_taken_as_it_is(folder: Path, tmp_path: Path) -> None:
    files, _ = find_files([str(folder / "?.jsonl")], tmp_path / "elsewhere", report)

    assert names(files) == ["a.jsonl", "b.jsonl"]


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("missing.jsonl", "FT201"),
        ("*.csv", "FT201"),
        ("nul\0.jsonl", "FT201"),
        ("deep", "FT202"),
        ("notes.txt", "FT204"),
    ],
)
def test_what_cannot_be_data_is_a_finding_about_its_pattern(
    folder: Path, pattern: str, code: str
) -> None:
    files, findings = find_files(["a.jsonl", pattern], folder, report)

    assert names(files) == ["a.jsonl"]
    assert [(finding.code, finding.location.file) for finding in findings] == [(code, "1")]


def test_an_unreadable_file_is_a_finding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    _, findings = find_files(["a.jsonl"], folder, report)

    assert [finding.code for finding in findings] == ["FT203"]
    assert "permission denied" in findings[0].message


@examples(300)
@given(FILES, st.integers(1, 9))
def test_blocks_are_the_lines_each_ended_by_a_newline(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, size: int
) -> None:
    file = written(tmp_path_factory, data)
    blocks = list(read_blocks(file, size=size))

    plain = data.removeprefix(reader.BYTE_ORDER_MARK) if size >= 3 else b"".join(blocks)
    assert b"".join(blocks) == plain + (b"\n" if plain and not plain.endswith(b"\n") else b"")
    assert all(block.endswith(b"\n") for block in blocks)


@examples(300)
@given(FILES, st.integers(1, 9))
def test_ranges_have_the_lines_of_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, size: int
) -> None:
    file = written(tmp_path_factory, data)
    starts = range(0, len(data), size)
    blocks = [block for start in starts for block in read_range(file, start, start + size)]

    assert all(block.endswith(b"\n") for block in blocks)
    if not data.startswith(reader.BYTE_ORDER_MARK):
        assert b"".join(blocks) == b"".join(read_blocks(file, size=4))
        assert b"".join(blocks) == b"".join(map(bytes, read_pieces(file, size=size)))


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf{}\n{}", b"\xef\xbb\xbf", b"{}\r\n", b"", b"{}"])
def test_a_byte_order_mark_is_left_out_by_every_reader(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = written(tmp_path_factory, data)
    expected = data.removeprefix(b"\xef\xbb\xbf")
    ended = expected + (b"\n" if expected and not expected.endswith(b"\n") else b"")

    assert b"".join(read_blocks(file)) == ended
    assert b"".join(map(bytes, read_pieces(file))) == ended
    assert b"".join(read_range(file, 0, 1000)) == ended
    assert read_head(file) == expected


def test_a_line_beyond_the_limit_is_cut_and_still_looks_too_long(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"a\n" + b"x" * (3 * MAX_LINE) + b"\nb\n")
    file = DataFile("long.jsonl", path)

    rows = b"".join(read_blocks(file)).split(b"\n")[:-1]
    assert [rows[0], rows[2]] == [b"a", b"b"]
    assert MAX_LINE < len(rows[1]) < 2 * MAX_LINE
    from_range = b"".join(read_range(file, 0, 10)).split(b"\n")[:-1]
    assert MAX_LINE < len(from_range[1]) < 2 * MAX_LINE
    assert list(read_range(file, 10, 20)) == []


def test_compressed_data_is_read_as_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf{}\n{}"))

    assert b"".join(read_blocks(DataFile("data.jsonl.gz", path))) == b"{}\n{}\n"


@pytest.mark.parametrize(
    "data",
    [b"{}\n", gzip.compress(b"{}" * 999, mtime=0)[:-9], b"\x1f\x8b\x08\x00bad"],
    ids=["plain", "cut", "bad"],
)
def test_bad_compressed_data_is_a_read_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(data)

    with pytest.raises(ReadError):
        list(read_blocks(DataFile("data.jsonl.gz", path)))


def written(folders: pytest.TempPathFactory, data: bytes) -> DataFile:
    path = folders.mktemp("data") / "data.jsonl"
    path.write_bytes(data)
    return DataFile("data.jsonl", path)


def test_a_suffix_in_capitals_is_a_suffix_too(tmp_path: Path) -> None:
    assert DataFile("A.JSONL.GZ", tmp_path / "A.JSONL.GZ").compressed
