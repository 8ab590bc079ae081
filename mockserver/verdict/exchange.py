"""One request and its answer, in which no key can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Scope
from xxhash import xxh3_64_hexdigest

from mockserver.http.access import key_of, redacted

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
    """By a clock that nothing moves, in seconds."""
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
    body: str = ""
    """What tells one JSON body from another; empty for any other, and for none."""


def exchange_of(request: Request) -> Exchange:
    """The exchange that a request being handled is part of."""
    exchange: Exchange = request.scope[_KEY]
    return exchange


def hand_on(outer: Scope, inner: Scope) -> None:
    """Let what handles `inner` tell of the exchange that `outer` is part of, if it is of one."""
    if _KEY in outer:
        inner[_KEY] = outer[_KEY]


def exchange_begun(number: int, at: float, real: float, scope: Scope, path: str) -> Exchange:
    """A request that has just come in, noted in its scope."""
    query = scope["query_string"].decode("latin-1")
    exchange = Exchange(
        number,
        at,
        real,
        scope["method"],
        path,
        _redacted_query(query) if query else "",
        redacted(key_of(scope)),
        bool(query) and _has_key(query),
    )
    scope[_KEY] = exchange
    return exchange


def note_body(scope: Scope, body: bytes) -> None:
    """Note the body of a request, where it is part of an exchange."""
    exchange: Exchange | None = scope.get(_KEY)
    if exchange is not None and body:
        exchange.body = xxh3_64_hexdigest(body)


def _has_key(query: str) -> bool:
    return bool(_SECRET_PARAMETER.search(query) or _SECRET_TEXT.search(query))


def _redacted_query(query: str) -> str:
    return _SECRET_TEXT.sub("***", _SECRET_PARAMETER.sub(r"\1\2=***", query))
