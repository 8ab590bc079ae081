"""Named points at which a run can die: around every write of state and every request.

The wrappers go around the product's own disk and transport; the product knows nothing of them. A
point's name says the kind, the ordinal within its kind, and where: `lock write 3: between fsync
and rename`, `evidence write 1: before`, `POST /fine_tuning/jobs 1: after`.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from ftrunner.api.http.exchange import Request, Response, Transport
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.fsio import Disk
from ftrunner.state.lockfile import SUFFIX
from mockserver.client import FtMock

# Called with every point as the run comes to it; it may end the run there.
Reach = Callable[[str], None]

PHASES = {
    "lock": (
        "before",
        "half written",
        "before fsync",
        "between fsync and rename",
        "before the folder's fsync",
        "after",
    ),
    "evidence": ("before", "half written", "before rename", "after"),
}
PHASES_OF_A_REQUEST = ("before", "after")
_LOGS = ("events.jsonl", "requests.jsonl")
_ID = re.compile(r"\b(file|ftjob|ft)-[A-Za-z0-9]+|\b(ep|dep|upload)_[A-Za-z0-9]+")
_BASE = re.compile(r"^/(openai/v1|api/paas/v4|v1)(?=/)")


class Killed(BaseException):
    """The death of a process, played inside this one: nothing in the product catches it."""


class PointedDisk:
    """A disk on which a write comes to a point before and after each call that it is made of."""

    def __init__(self, disk: Disk, reach: Reach) -> None:
        self._disk = disk
        self._reach = reach
        self._writes: Counter[str] = Counter()
        self._point = ""
        self._phases: Iterator[str] = iter(())

    def write(self, path: Path, data: bytes, mode: int) -> None:
        self._begin(kind_of(path))
        self._disk.write(path, data[: len(data) // 2], mode)
        self._next()
        path.unlink()
        self._disk.write(path, data, mode)
        self._next()

    def sync(self, path: Path) -> None:
        self._disk.sync(path)
        self._next()

    def rename(self, source: Path, target: Path) -> None:
        self._disk.rename(source, target)
        self._next()

    def _begin(self, kind: str) -> None:
        self._writes[kind] += 1
        self._point = f"{kind} write {self._writes[kind]}"
        self._phases = iter(PHASES[kind])
        self._next()

    def _next(self) -> None:
        self._reach(f"{self._point}: {next(self._phases)}")


class Recorder:
    """Records the points that a run comes to, and which of them are one death.

    Where two points leave the same files and the same provider, the next run finds the same.
    """

    def __init__(self, folder: Path, mock: FtMock) -> None:
        self.names: list[str] = []
        self._folder = folder
        self._mock = mock
        self._alike: dict[str, list[str]] = {}

    def __call__(self, name: str) -> None:
        self.names.append(name)
        left = repr((_files(self._folder), _memory(self._mock)))
        self._alike.setdefault(left, []).append(name)

    @property
    def deaths(self) -> list[list[str]]:
        """The names of points by what they leave, in the order of the run."""
        return list(self._alike.values())


def _files(folder: Path) -> list[tuple[str, bytes]]:
    """Everything but the logs that a run only appends to, and nothing reads again."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path), path.read_bytes()) for path in paths if path.name not in _LOGS]


def _memory(mock: FtMock) -> tuple[dict[str, Any], int]:
    """What the provider shows of itself, and how often it was asked to change anything."""
    state: dict[str, Any] = requests.get(f"{mock.origin}/_mock/state", timeout=10).json()
    changes = [made for made in mock.requests if made["method"] != "GET"]
    return {name: held for name, held in state.items() if name != "now"}, len(changes)


def kind_of(path: Path) -> str:
    """Whether `path`, or what it is a temporary file for, is a lock file or evidence."""
    return "lock" if SUFFIX in path.name else "evidence"


class PointedTransport:
    """A transport on which every request comes to two points, from whatever thread."""

    def __init__(self, transport: Transport, reach: Reach) -> None:
        self._transport = transport
        self._reach = reach
        self._requests: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))

    def send(self, request: Request) -> Response:
        kind = f"{request.method} {route(request.url)}"
        number = next(self._requests[kind])
        self._reach(f"{kind} {number}: before")
        response = self._transport.send(request)
        self._reach(f"{kind} {number}: after")
        return response


def route(url: str) -> str:
    """The path below the base URL's, with ids left out."""
    return _ID.sub("*", _BASE.sub("", urlsplit(url).path))


def pointed(reach: Reach) -> Callable[[], AbstractContextManager[Transport]]:
    """The real transport with points, made as the product makes its own."""

    @contextmanager
    def opened() -> Iterator[Transport]:
        with RequestsTransport() as transport:
            yield PointedTransport(transport, reach)

    return opened


def kill_at(point: str) -> Reach:
    """Kills this very process, beyond recall, when it comes to `point`."""

    def reach(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return reach
