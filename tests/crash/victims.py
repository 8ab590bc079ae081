"""Processes that apply a spec and die at a point, forked quickly from one that is ready.

`python -m tests.crash.victims` reads orders, one JSON object a line, and answers each with the
forked process's status: an exit code, or the negative number of the signal that ended it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ftrunner.fsio import SystemDisk
from mockserver.client import FtMock
from tests.crash.points import PointedDisk, kill_at, pointed
from tests.kit.driver import apply_here, at

ROOT = Path(__file__).parents[2]


class Victims:
    """Makes processes die."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def apply(self, spec: Path, mock: FtMock, *, dies_at: str, provider: str | None = None) -> int:
        """The status of a process that applied `spec` until it came to the point `dies_at`.

        With `provider` as at that home of the spec.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "spec": str(spec),
            "origin": mock.origin,
            "dialect": mock.dialect,
            "provider": provider,
            "point": dies_at,
        }
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


@contextmanager
def victims() -> Iterator[Victims]:
    """A process that has imported everything once and forks for each order."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.victims"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        yield Victims(process)


def _serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_a_victim(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be_a_victim(order: dict[str, str]) -> None:
    mock = FtMock(order["origin"], order["dialect"])
    wish = at(order["provider"], mock) if order["provider"] else None
    reach = kill_at(order["point"])
    disk = PointedDisk(SystemDisk(), reach)
    spec = Path(order["spec"])
    done = apply_here(spec, mock, wish=wish, disk=disk, transport=pointed(reach))
    os._exit(done.code)


if __name__ == "__main__":
    _serve()
