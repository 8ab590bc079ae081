"""Applying a spec in this process, put together as the command line does it.

Time is the mock provider's: where the product waits, the provider's clock is moved instead.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ftrunner.api.http.exchange import Transport
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.cli.applying import ApplyRequest, apply_task, read_tasks
from ftrunner.cli.options import TargetOptions
from ftrunner.cli.wiring import World
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.events import Event, JobMessage, Retrying
from ftrunner.fsio import Disk, SystemDisk
from ftrunner.render.run.notices import notices
from mockserver.client import FtMock
from tests.kit.homes import KEYS

KEY = "sk-test-key-of-no-account-0000"


class ProvidersClock:
    """Reads and moves a mock provider's clock; its only waiting is the request that moves it."""

    def __init__(self, mock: FtMock) -> None:
        self._mock = mock
        self._now = mock.now

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        if seconds:
            self._mock.advance(seconds)
            self._now += seconds


class FastDisk(SystemDisk):
    """The real file system, without waiting for the disk: for tests that do not cut the power."""

    def sync(self, path: Path) -> None:
        """The bytes stay in the system's memory, where every other process sees them."""


@dataclass(slots=True)
class Applied:
    """What an apply did: its exit code, its events and the errors it reported."""

    code: int = -1
    events: list[Event] = field(default_factory=list)
    errors: list[FtrunnerError] = field(default_factory=list)

    def expect(self, code: int) -> Applied:
        assert self.code == code, repr(self)
        return self

    @property
    def said(self) -> str:
        """Every message, as one text."""
        said = [text for event in self.events for text in _said(event)]
        return "\n".join([*said, *(f"{e.code}: {e.message}\n{e.hint}" for e in self.errors)])


def _said(event: Event) -> list[str]:
    if isinstance(event, JobMessage):
        return [event.message]
    if isinstance(event, Retrying):
        return [f"{event.reason}; asking again in {event.delay:.1f} s"]
    return [notice.text for notice in notices(event)]


def apply_here(
    spec: Path,
    mock: FtMock,
    *,
    wish: ApplyRequest | None = None,
    disk: Disk | None = None,
    transport: Callable[[], AbstractContextManager[Transport]] = RequestsTransport,
    seed: int = 0,
) -> Applied:
    """Apply `spec`, whose base URL is the mock provider's, in this process."""
    done = Applied()

    def report(error: FtrunnerError) -> ExitCode:
        done.errors.append(error)
        return error.exit_code

    world = World(
        clock=ProvidersClock(mock),
        disk=disk or FastDisk(),
        transport=transport,
        environment={**KEYS, "OPENAI_API_KEY": KEY},
        random=Random(seed),
    )
    wish = wish or ApplyRequest()
    tasks, refused = read_tasks([spec], wish, world, lambda _, error: report(error))
    applied = [apply_task(task, wish, world, done.events.append, report) for task in tasks]
    [done.code] = [*refused, *applied]
    return done


def at(provider: str, mock: FtMock) -> ApplyRequest:
    """What `--provider NAME --base-url URL` asks for: the spec at another home."""
    return ApplyRequest(target=TargetOptions(provider=provider, base_url=mock.base_url))
