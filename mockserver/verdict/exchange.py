"""A request and its response, with keys redacted."""

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
    """A request and, once it is sent, its response."""

    number: int
    at: float
    """The time by the provider's clock."""
    real: float
    """The time in seconds by a monotonic clock."""
    method: str
    path: str
    query: str
    key: str
    key_in_url: bool
    status: int | None = None
    """The status; None before the response, and if the connection was dropped."""
    answered: float | None = None
    """When the response started or the connection was dropped, by the monotonic clock."""
    retry_after: float | None = None
    model: str | None = None
    """The model of a chat request."""
    job_status: str | None = None
    """The status in the response, if it shows a job."""
    body: str = ""
    """A hash of a JSON body; empty for other bodies."""


def exchange_of(request: Request) -> Exchange:
    """The exchange of the request being handled."""
    exchange: Exchange = request.scope[_KEY]
    return exchange


def hand_on(outer: Scope, inner: Scope) -> None:
    """Give the scope `inner` the exchange of `outer`, if it has one."""
    if _KEY in outer:
        inner[_KEY] = outer[_KEY]


def exchange_begun(number: int, at: float, real: float, scope: Scope, path: str) -> Exchange:
    """A new request, stored in its scope."""
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
    """Store the hash of a request's body, if it has an exchange."""
    exchange: Exchange | None = scope.get(_KEY)
    if exchange is not None and body:
        exchange.body = xxh3_64_hexdigest(body)


def _has_key(query: str) -> bool:
    return bool(_SECRET_PARAMETER.search(query) or _SECRET_TEXT.search(query))


def _redacted_query(query: str) -> str:
    return _SECRET_TEXT.sub("***", _SECRET_PARAMETER.sub(r"\1\2=***", query))
