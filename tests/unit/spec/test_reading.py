from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftrunner.document.reading import MAX_BYTES, decode, read_text
from ftrunner.findings import Finding


def code_of(result: str | Finding) -> str:
    assert isinstance(result, Finding), result
    return result.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FT103"),
        (b" \n\n", "FT103"),
        (b"x" * (MAX_BYTES + 1), "FT104"),
        ("name: x".encode("utf-16"), "FT105"),
        ("name: x".encode("utf-16-be"), "FT105"),
        (b"\x89PNG\r\n\x1a\n", "FT105"),
        (b"name: a\x00b", "FT105"),
        (b"name: \xff", "FT105"),
    ],
)
def test_what_is_not_text_is_a_finding(data: bytes, code: str) -> None:
    assert code_of(decode(data, "spec.yaml")) == code


def test_a_byte_order_mark_is_left_out() -> None:
    assert decode(b"\xef\xbb\xbfname: x", "spec.yaml") == "name: x"


def test_the_largest_spec_is_read() -> None:
    assert decode(b"x" * MAX_BYTES, "spec.yaml") == "x" * MAX_BYTES


def test_a_fault_names_its_line() -> None:
    finding = decode("name: 鲸\nmodel: ".encode() + b"\xff", "spec.yaml")

    assert isinstance(finding, Finding)
    assert finding.location.line == 2


def test_a_missing_file_and_a_directory_are_findings(tmp_path: Path) -> None:
    assert code_of(read_text(tmp_path / "gone.yaml", "gone.yaml")) == "FT101"
    assert code_of(read_text(tmp_path, "folder")) == "FT102"
    assert code_of(read_text(Path("a\0b"), "a?b")) == "FT101"


@pytest.mark.posix
def test_a_pipe_is_not_waited_on() -> None:
    reader, writer = os.pipe()

    assert code_of(read_text(Path(f"/dev/fd/{reader}"), "pipe")) == "FT101"
    os.close(reader)
    os.close(writer)
