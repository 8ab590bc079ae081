"""Data that changes while it is sent: bytes that were not checked never become a file."""

from __future__ import annotations

import pytest

from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.crash.points import pointed
from tests.crash.test_parts import SMALL_FILES, with_profile
from tests.kit.driver import apply_here

BEFORE = {
    "in one request": "POST /files 1: before",
    "in parts": "POST /uploads 1: before",
}


@pytest.mark.parametrize("way", BEFORE)
def test_an_edit_of_the_same_size_is_noticed_before_the_last_byte_is_sent(
    mock: FtMock, spec_in: MakeSpec, way: str
) -> None:
    spec = spec_in()
    if way == "in parts":
        with_profile(spec, SMALL_FILES)
    data = spec.parent / "data.jsonl"

    def edit(point: str) -> None:
        if point == BEFORE[way]:
            written = data.read_bytes()
            data.write_bytes(written.replace("故事".encode(), "小说".encode()))
            assert data.read_bytes() != written

    mock.fault({"drop": "after"}, method="DELETE", path="/files/*")
    stopped = apply_here(spec, mock, transport=pointed(edit)).expect(1)

    assert "FT353" in stopped.said
    assert mock.jobs == []
    assert [file for file in mock.files if file["purpose"] == "fine-tune"] == []
    apply_here(spec, mock).expect(0)
    assert len(mock.jobs) == 1
