"""The log of requests: bounded, and still enough for a verdict on all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.types import Scope

from mockserver.verdict.exchange import Exchange, exchange_begun
from mockserver.verdict.findings import Finding
from mockserver.verdict.requests import followed_jobs, request_findings

CAPACITY = 10_000
MAX_FINDINGS = 1_000
"""How many findings about dropped requests are kept: a verdict need not be longer."""


@dataclass(slots=True)
class Past:
    """What dropped requests have shown."""

    findings: list[Finding] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)
    """The jobs whose end was shown."""
    early: list[Exchange] = field(default_factory=list)
    """Chats that were refused, with the model that was asked: its job may not have ended."""

    def take_in(self, log: Sequence[Exchange], dropped: int, poll_interval: float) -> None:
        """Keep what the first `dropped` requests of the log have shown.

        The others are looked at too, for what begins in one half and ends in the other.
        """
        last = log[dropped - 1].number
        shown = request_findings(log, poll_interval)
        self.findings += [found for found in shown if found.requests[0] <= last]
        self.early += [each for each in log[:dropped] if each.model and each.status != 200]
        self.followed |= followed_jobs(log[:dropped])
        del self.findings[MAX_FINDINGS:], self.early[MAX_FINDINGS:]


class Exchanges:
    """The latest exchanges, oldest first, and what those before them have shown."""

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
        """The clock that nothing moves."""
        self._poll_interval = poll_interval
        self._capacity = capacity
        self.clear()

    def clear(self) -> None:
        self.kept: list[Exchange] = []
        """At least the latest `capacity`, at most twice as many."""
        self.past = Past()
        self._count = 0
        self.began = self._now()
        """Since when, by the provider's clock, requests are counted."""

    def begin(self, scope: Scope, path: str) -> Exchange:
        """Note a request that has just come in; `path` is what it asks in OpenAI's words."""
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
        """How many requests there have been."""
        return self._count

    @property
    def forgotten(self) -> int:
        """How many exchanges are not among the latest any more."""
        return max(self._count - self._capacity, 0)
