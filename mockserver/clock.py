"""The provider's clock: the machine's time, or a time that a test moves."""

from __future__ import annotations

import time
from typing import Protocol

MANUAL_START = 1_767_225_600.0
"""The start of a manual clock (2026-01-01T00:00:00Z); fixed, so that runs are repeatable."""


class Clock(Protocol):
    """Seconds since the epoch, as a float."""

    def now(self) -> float: ...

    def restart(self) -> None:
        """Go back to the start, if the clock can be moved."""


class WallClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def restart(self) -> None:
        """Does nothing: this clock cannot be moved."""


class ManualClock:
    """A clock that moves only when `advance` is called."""

    def __init__(self, start: float = MANUAL_START) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def restart(self) -> None:
        self._now = MANUAL_START

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` (0 or more) and return the new time."""
        if not seconds >= 0:
            raise ValueError(f"a clock is advanced by 0 seconds or more, not {seconds}")
        self._now += seconds
        return self._now
