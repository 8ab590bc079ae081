"""What was asked and answered: a bounded memory, in which no key can be read."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Scope

from mockserver.http.access import key_of, redacted

CAPACITY = 10_000
_KEY = "mockserver.exchange"

_SECRET_PARAMETER = re.compile(
    r"(?i)(^|&)(api[-_]?key|key|token|access_token|authorization)=([^&]+)"
)
_SECRET_TEXT = re.compile(r"sk-[A-Za-z0-9_-]{8,}")


@dataclass(slots=True)
class Exchange:
    """One request and, once there is one, its answer."""

    number: int
    at: float
    """By the provider's clock."""
    real: float
    """By a clock that nobody moves, in seconds."""
    method: str
    path: str
    query: str
    key: str
    key_in_url: bool
    status: int | None = None
    """None until answered, and for ever when the connection was dropped."""
    answered: float | None = None
    """When the answer began, or the connection was dropped, by the clock of `real`."""
    retry_after: float | None = None
    model: str | None = None
    """For a chat request: the model that was asked."""
    job_status: str | None = None
    """For a job that was shown: the status it was shown with."""


def exchange_of(request: Request) -> Exchange:
    """The exchange that a request being handled is part of."""
    exchange: Exchange = request.scope[_KEY]
    return exchange


def hand_on(outer: Scope, inner: Scope) -> None:
    """Let what handles `inner` tell of the exchange that `outer` is part of, if it is of one."""
    if _KEY in outer:
        inner[_KEY] = outer[_KEY]


class Exchanges:
    """The latest exchanges, oldest first."""

    def __init__(
        self, now: Callable[[], float], real: Callable[[], float], capacity: int = CAPACITY
    ) -> None:
        self._now = now
        self.real = real
        """The clock that nobody moves."""
        self._kept: deque[Exchange] = deque(maxlen=capacity)
        self._count = 0
        self.began = now()
        """Since when, by the provider's clock, exchanges are kept."""

    def begin(self, scope: Scope, path: str) -> Exchange:
        """Note a request that has just come in; `path` is what it asks in OpenAI's words."""
        self._count += 1
        query = scope["query_string"].decode("latin-1")
        exchange = Exchange(
            self._count,
            self._now(),
            self.real(),
            scope["method"],
            path,
            _redacted_query(query) if query else "",
            redacted(key_of(scope)),
            bool(query) and _has_key(query),
        )
        self._kept.append(exchange)
        scope[_KEY] = exchange
        return exchange

    def all(self) -> list[Exchange]:
        return list(self._kept)

    @property
    def forgotten(self) -> int:
        """How many exchanges were dropped for want of room."""
        return self._count - len(self._kept)

    def clear(self) -> None:
        self._kept.clear()
        self._count = 0
        self.began = self._now()


def _has_key(query: str) -> bool:
    return bool(_SECRET_PARAMETER.search(query) or _SECRET_TEXT.search(query))


def _redacted_query(query: str) -> str:
    return _SECRET_TEXT.sub("***", _SECRET_PARAMETER.sub(r"\1\2=***", query))
