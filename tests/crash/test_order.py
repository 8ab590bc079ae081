"""The order in which state reaches the disk: intents before requests, outcomes after them.

Evidence is put in place whole as well, but without waiting for the disk.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from pathlib import Path

from ftrunner.api.http.exchange import Request, Response
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.fsio import Disk, SystemDisk
from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.crash.points import kind_of, route
from tests.kit.driver import apply_here

WRITE = ["write", "fsync file", "rename", "fsync folder"]
WRITE_OF_EVIDENCE = ["write evidence", "rename evidence"]


class RecordedDisk:
    """Records what is asked of the disk, after it is done."""

    def __init__(self, disk: Disk, log: list[str]) -> None:
        self._disk = disk
        self._log = log

    def write(self, path: Path, data: bytes, mode: int) -> None:
        self._disk.write(path, data, mode)
        self._log.append(_named("write", path))

    def sync(self, path: Path) -> None:
        self._disk.sync(path)
        self._log.append("fsync folder" if path.is_dir() else "fsync file")

    def rename(self, source: Path, target: Path) -> None:
        assert source.parent == target.parent, "a rename across folders may not be atomic"
        self._disk.rename(source, target)
        self._log.append(_named("rename", target))


def _named(call: str, path: Path) -> str:
    return call if kind_of(path) == "lock" else f"{call} evidence"


class RecordedTransport(RequestsTransport):
    """Records requests that create something, before they are sent."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log

    def send(self, request: Request) -> Response:
        if request.method == "POST":
            self._log.append(f"POST {route(request.url)}")
        return super().send(request)


def recorded(spec: Path, mock: FtMock) -> list[str]:
    log: list[str] = []

    disk = RecordedDisk(SystemDisk(), log)
    apply_here(spec, mock, disk=disk, transport=partial(RecordedTransport, log)).expect(0)
    return log


def test_every_write_of_state_is_synced_renamed_and_synced(mock: FtMock, spec_in: MakeSpec) -> None:
    calls = [call for call in recorded(spec_in(), mock) if not call.startswith("POST")]
    assert calls.count("write") >= 4
    assert calls.count("write evidence") >= 2

    while calls:
        expected = WRITE if calls[0] == "write" else WRITE_OF_EVIDENCE
        assert calls[: len(expected)] == expected
        del calls[: len(expected)]


def test_an_intent_is_on_the_disk_before_its_request_and_an_outcome_right_after(
    mock: FtMock, spec_in: MakeSpec
) -> None:
    log = recorded(spec_in(), mock)

    for creation in ("POST /files", "POST /fine_tuning/jobs"):
        sent = log.index(creation)
        assert log[sent - 1] == "fsync folder"
        assert log[sent + 1] == "write"


def test_nothing_is_sent_while_a_write_is_under_way(mock: FtMock, spec_in: MakeSpec) -> None:
    log = recorded(spec_in(), mock)

    before = {earlier for earlier, later in pairwise(log) if later.startswith("POST")}
    ends = {WRITE[-1], WRITE_OF_EVIDENCE[-1]}
    assert before <= ends | {f"POST {route}" for route in ("/files", "/chat/completions")}
