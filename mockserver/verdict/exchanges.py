"""The request log: bounded, but sufficient for a verdict on all requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.types import Scope

from mockserver.verdict.exchange import Exchange, exchange_begun
from mockserver.verdict.findings import Finding
from mockserver.verdict.requests import followed_jobs, request_findings

CAPACITY = 10_000
MAX_FINDINGS = 1_000
"""The maximum number of findings kept about dropped requests."""


@dataclass(slots=True)
class Past:
    """The findings from dropped requests."""

    findings: list[Finding] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)
    """The jobs whose end the client has seen."""
    early: list[Exchange] = field(default_factory=list)
    """Refused chats with their models, whose jobs may not have ended."""

    def take_in(self, log: Sequence[Exchange], dropped: int, poll_interval: float) -> None:
        """Keep the findings from the first `dropped` requests of the log.

        The others are checked too, for findings that involve both halves.
        """
        last = log[dropped - 1].number
        shown = request_findings(log, poll_interval)
        self.findings += [found for found in shown if found.requests[0] <= last]
        self.early += [each for each in log[:dropped] if each.model and each.status != 200]
        self.followed |= followed_jobs(log[:dropped])
        del self.findings[MAX_FINDINGS:], self.early[MAX_FINDINGS:]


class Exchanges:
    """The latest exchanges, oldest first, and the findings from earlier ones."""

    def __init__(
        self,
        now: Callable[[], float],
        real: Callable[[], float],
        *,
        poll_interval: float = 1.0,
        capacity: int = CAPACITY,
    ) -> None:
        self._now = now
        self.real = real
        """The monotonic clock."""
        self._poll_interval = poll_interval
        self._capacity = capacity
        self.clear()

    def clear(self) -> None:
        self.kept: list[Exchange] = []
        """At least the latest `capacity` exchanges, at most twice as many."""
        self.past = Past()
        self._count = 0
        self.began = self._now()
        """The time by the provider's clock since which requests are logged."""

    def begin(self, scope: Scope, path: str) -> Exchange:
        """Log a new request; `path` is OpenAI's path for it."""
        if len(self.kept) == 2 * self._capacity:
            self.past.take_in(self.kept, self._capacity, self._poll_interval)
            del self.kept[: self._capacity]
        self._count += 1
        exchange = exchange_begun(self._count, self._now(), self.real(), scope, path)
        self.kept.append(exchange)
        return exchange

    def latest(self) -> list[Exchange]:
        return self.kept[-self._capacity :]

    @property
    def count(self) -> int:
        """The number of all requests."""
        return self._count

    @property
    def forgotten(self) -> int:
        """The number of exchanges that are no longer kept."""
        return max(self._count - self._capacity, 0)
