"""What every request passes on its way in and out: path, key, request id, faults, log."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.access import authenticate
from mockserver.breakage import carry_out
from mockserver.errors import WireError
from mockserver.provider import Provider
from mockserver.respond import failure

PREFIX = "/v1"
CONTROL = "/_mock/"
MAX_HEADERS = 64 * 1024


class Gate:
    """An ASGI layer around the routes; plain, because each chat request passes it."""

    def __init__(self, app: ASGIApp, provider: Provider) -> None:
        self._app = app
        self._provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith(PREFIX) and path[len(PREFIX) : len(PREFIX) + 1] in ("", "/"):
            scope["path"] = path = path[len(PREFIX) :] or "/"
        if path.startswith(CONTROL):
            await self._app(scope, receive, send)
        else:
            await self._provide(scope, receive, send)

    async def _provide(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._provider.exchanges.begin(scope)
        request_id = self._provider.ids.new("request").encode()

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.retry_after = _retry_after(message["headers"])
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        faults = self._provider.faults
        action = faults.strike(exchange.method, exchange.path) if faults.armed else None
        if action is None:
            await self._admit(scope, receive, note)
        else:
            await carry_out(action, self._admit, scope, receive, note)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _check_headers(scope["headers"])
            authenticate(scope, isolate=self._provider.settings.isolate_keys)
        except WireError as error:
            await failure(error)(scope, receive, send)
            return
        # A client that went away in the middle of its request gets no answer.
        with suppress(ClientDisconnect):
            await self._app(scope, receive, send)


def _check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEADERS:
        raise WireError(431, f"The request's headers are larger than {MAX_HEADERS} bytes.")


def _retry_after(headers: list[tuple[bytes, bytes]]) -> float | None:
    for name, value in headers:
        if name == b"retry-after":
            try:
                return float(value)
            except ValueError:
                return None  # a date, which a scenario may send to see what becomes of it
    return None
