"""What runs touch outside themselves: a clock, a disk, a network, chance, the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random

from ftrunner.api.http.exchange import Transport
from ftrunner.clock import Clock, SystemClock
from ftrunner.fsio import Disk, SystemDisk


def network() -> AbstractContextManager[Transport]:
    """The real network; its library takes longer to load than a command that only reads runs."""
    from ftrunner.api.http.transport import RequestsTransport  # noqa: PLC0415

    return RequestsTransport()


@dataclass(frozen=True, slots=True)
class World:
    """The real one by default; a test puts parts of its own in."""

    clock: Clock = field(default_factory=SystemClock)
    disk: Disk = field(default_factory=SystemDisk)
    transport: Callable[[], AbstractContextManager[Transport]] = network
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    random: Random = field(default_factory=Random)
