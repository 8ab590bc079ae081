"""Rows that a file keeps: what was written comes back, and nothing else is taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.totals.row_hashes import KeptRows, Trail, file_name, read, trail

ROWS = KeptRows(
    {"train": "a" * 64, "validation": "b" * 64},
    {"train": trail([b"1", b"2"], [b"p", b"q"]), "validation": Trail()},
    "gpt-4o",
    1234,
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / file_name(ROWS.rows)
    path.write_bytes(ROWS.to_bytes())

    assert read(path) == ROWS


def test_a_row_takes_sixteen_bytes(tmp_path: Path) -> None:
    many = KeptRows(ROWS.rows, {"train": trail([b"x"] * 1000, [b"y"] * 1000)}, "gpt-4o")

    assert len(many.to_bytes()) < 16 * 1000 + 500


def test_a_name_identifies_the_rows() -> None:
    assert file_name({"train": "a"}) != file_name({"train": "b"})
    assert file_name({"train": "a"}) != file_name({"train": "a", "validation": "b"})


@pytest.mark.parametrize("end", [0, 10, -1, -16, -32])
def test_a_torn_file_is_refused(tmp_path: Path, end: int) -> None:
    path = tmp_path / "rows"
    path.write_bytes(ROWS.to_bytes()[:end])

    with pytest.raises(ValueError, match=r"rows of a dataset|cut short"):
        read(path)


def test_a_file_whose_hashes_were_touched_is_refused(tmp_path: Path) -> None:
    data = bytearray(ROWS.to_bytes())
    data[-20] ^= 1
    path = tmp_path / "rows"
    path.write_bytes(data)

    with pytest.raises(ValueError, match="what was written"):
        read(path)


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows"
    path.write_bytes(data)

    with pytest.raises(ValueError, match="rows of a dataset"):
        read(path)


@pytest.mark.parametrize(
    "header",
    [
        '{"form":"rows 9","rows":{},"lengths":{},"digest":"","model":"","tokens":null}',
        '{"form":"ftrunner-rows 1","rows":{},"lengths":{"train":-1},"digest":"","model":"",'
        '"tokens":null}',
        '{"form":"ftrunner-rows 1"}',
        "[]",
    ],
)
def test_another_form_is_refused(tmp_path: Path, header: str) -> None:
    path = tmp_path / "rows"
    path.write_text(header + "\n", encoding="utf-8")

    with pytest.raises(ValueError, match="rows of a dataset"):
        read(path)
