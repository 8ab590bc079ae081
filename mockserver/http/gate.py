"""The layers around the routes: request id, faults and log; then path and key."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.adapter.dialect import Dialect, without_prefix
from mockserver.faults.chat_request import peek_at_chat
from mockserver.faults.fault_injection import Header, carry_out
from mockserver.faults.scenario import Action
from mockserver.http.access import OWNER, authenticate
from mockserver.http.body import MAX_JSON
from mockserver.http.errors import WireError
from mockserver.http.respond import failure
from mockserver.provider import Provider
from mockserver.verdict.exchange import Exchange, note_body

CONTROL = "/_mock/"
CHAT = "/chat/completions"
PAGE = "/_mock/page"
MAX_HEADERS = 64 * 1024


class Gate:
    """The ASGI layer for request id, faults and log; kept fast, since every request passes it.

    A client's request passes exactly one, in any dialect; a dialect's calls of the inner
    application pass none.
    """

    def __init__(self, app: ASGIApp, provider: Provider, dialect: Dialect | None = None) -> None:
        self._app = app
        self._provider = provider
        self._dialect = dialect or Dialect()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/" and _is_browser(scope):
            await self._app({**scope, "path": PAGE, "raw_path": PAGE.encode()}, receive, send)
        elif scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._provider.exchanges.begin(scope, self._dialect.openai_path(scope["path"]))
        real = self._provider.exchanges.real
        request_id = self._provider.ids.new("request").encode()
        added = [(b"x-request-id", request_id), *self._dialect.headers]

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.answered = real()
                if message["status"] >= 400:  # skipped for successes, for speed
                    exchange.retry_after = _retry_after(message["headers"])
                message["headers"] = [*message["headers"], *added]
            await send(message)

        action = None
        if self._provider.faults.is_armed:
            action, headers, receive = await self._apply_faults(exchange, receive)
            added += headers
        if action is None:
            await self._call_app(scope, receive, note)
            return
        if not action.reaches_provider:
            await _note_unread(scope, receive)
        await carry_out(self._dialect.translate_fault(action), self._call_app, scope, receive, note)
        if exchange.answered is None:
            exchange.answered = real()  # the connection was dropped

    async def _apply_faults(
        self, exchange: Exchange, receive: Receive
    ) -> tuple[Action | None, list[Header], Receive]:
        """The action and headers of faults and limits, and a function to receive the body again."""
        faults, chat = self._provider.faults, None
        if exchange.path == CHAT and faults.look_at_chat:
            chat, receive = await peek_at_chat(receive)
        action, headers = faults.check(exchange, chat)
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        return action, encoded, receive

    async def _call_app(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A client that disconnects during its request gets no response.
        with suppress(ClientDisconnect):
            await self._app(scope, receive, send)


class Admission:
    """The ASGI layer that refuses requests with oversized headers or without a key."""

    def __init__(self, app: ASGIApp, provider: Provider) -> None:
        self._app = app
        self._isolate = provider.settings.isolate_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"] = path = without_prefix(scope["path"])
        if (
            not path.startswith(CONTROL) and OWNER not in scope
        ):  # a dialect has authenticated it already
            try:
                _check_headers(scope["headers"])
                authenticate(scope, isolate=self._isolate)
            except WireError as error:
                await failure(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_browser(scope: Scope) -> bool:
    """Whether a browser sent the request: browsers ask for HTML explicitly."""
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepted


async def _note_unread(scope: Scope, receive: Receive) -> None:
    """Log the body of a request that is not passed on, to recognise a repeat."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    is_form = headers.get(b"content-type", b"").startswith(b"multipart/")
    if is_form or not length.isdigit() or int(length) > MAX_JSON:
        return
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    note_body(scope, bytes(body))


def _check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEADERS:
        raise WireError(431, f"The request's headers are larger than {MAX_HEADERS} bytes.")


def _retry_after(headers: list[tuple[bytes, bytes]]) -> float | None:
    """The pause in seconds requested by a response; the millisecond header comes first."""
    asked = {name: value for name, value in headers if name.startswith(b"retry-after")}
    for name, scale in ((b"retry-after-ms", 1000), (b"retry-after", 1)):
        try:
            return float(asked[name]) / scale
        except (KeyError, ValueError):
            continue  # ValueError: a scenario may send a date
    return None
