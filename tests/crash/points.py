"""Named points at which a run can die: around every write of state and every request.

The wrappers go around the product's own disk and transport; the product knows nothing of them. A
point's name says the kind, the ordinal within its kind, and where: `lock write 3: between fsync
and rename`, `POST /fine_tuning/jobs 1: after`.
"""

from __future__ import annotations

import os
import re
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from ftrunner.api.exchange import Request, Response, Transport
from ftrunner.api.transport import RequestsTransport
from ftrunner.fsio import Disk

# What is told of every point as the run comes to it; it may end the run there.
Reach = Callable[[str], None]

PHASES_OF_A_WRITE = (
    "before",
    "half written",
    "before fsync",
    "between fsync and rename",
    "before the folder's fsync",
    "after",
)
PHASES_OF_A_REQUEST = ("before", "after")
_ID = re.compile(r"\b(file|ftjob|ft)-[A-Za-z0-9]+|\b(ep|dep|upload)_[A-Za-z0-9]+")
_BASE = re.compile(r"^/(openai/v1|api/paas/v4|v1)(?=/)")


class Killed(BaseException):
    """The death of a process, played inside this one: nothing in the product catches it."""


class PointedDisk:
    """A disk on which every write of state comes to six points."""

    def __init__(self, disk: Disk, reach: Reach) -> None:
        self._disk = disk
        self._reach = reach
        self._writes = 0

    def write(self, path: Path, data: bytes, mode: int) -> None:
        self._writes += 1
        self._at("before")
        self._disk.write(path, data[: len(data) // 2], mode)
        self._at("half written")
        path.unlink()
        self._disk.write(path, data, mode)
        self._at("before fsync")

    def sync(self, path: Path) -> None:
        self._disk.sync(path)
        self._at("after" if path.is_dir() else "between fsync and rename")

    def rename(self, source: Path, target: Path) -> None:
        self._disk.rename(source, target)
        self._at("before the folder's fsync")

    def _at(self, phase: str) -> None:
        self._reach(f"lock write {self._writes}: {phase}")


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
