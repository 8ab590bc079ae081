"""Everything a run works with, passed in by the command line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random

from ftrunner.api.client import Client
from ftrunner.api.redaction import Redactor
from ftrunner.clock import Clock
from ftrunner.engine.run_log import RunLog
from ftrunner.engine.target import Target
from ftrunner.engine.waiting import Schedules
from ftrunner.events import Emit
from ftrunner.spec.model import Spec
from ftrunner.spec.testing import Opponent
from ftrunner.state.journal import Journal


def _nowhere(opponent: Opponent) -> AbstractContextManager[Run]:
    raise AssertionError(f"this run was made without a way to ask {opponent.name}")


@dataclass(frozen=True)
class Run:
    """One spec at one target. `connect` is called at the first request, if there is one.

    `answers` is the folder of stored answers; `redactor` hides what nothing kept may show, and
    `schedules` say how long to look for what does not appear at once. `elsewhere` is a run for
    asking a model at another provider.
    """

    id: str
    spec: Spec
    target: Target
    journal: Journal
    log: RunLog
    answers: Path
    connect: Callable[[], Client]
    emit: Emit
    clock: Clock
    random: Random = field(default_factory=Random)
    redactor: Redactor = field(default_factory=Redactor)
    schedules: Schedules = field(default_factory=Schedules)
    elsewhere: Callable[[Opponent], AbstractContextManager[Run]] = _nowhere

    def command(self, verb: str, *more: str) -> str:
        """The command that does `verb` with this spec at this target, for a hint."""
        return self.target.command(verb, self.spec.path, *more)

    @cached_property
    def client(self) -> Client:
        """The provider. An apply with nothing to do never asks for it, nor for its key."""
        return self.connect()
