"""What every request passes on its way in and out: request id, faults, log; then path and key."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.adapter.dialect import Dialect, without_prefix
from mockserver.faults.chat_request import overheard
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
    """An ASGI layer around the routes; plain, because each chat request passes it.

    Every request of a client passes exactly one, whatever is spoken: what a dialect asks the
    application inside is not the client's doing.
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
            await self._provide(scope, receive, send)

    async def _provide(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._provider.exchanges.begin(scope, self._dialect.openai_path(scope["path"]))
        real = self._provider.exchanges.real
        added = [(b"x-request-id", self._provider.ids.new("request").encode())]

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.answered = real()
                if message["status"] >= 400:  # a success is answered faster without a look
                    exchange.retry_after = _retry_after(message["headers"])
                message["headers"] = [*message["headers"], *added]
            await send(message)

        action = None
        if self._provider.faults.is_armed:
            action, headers, receive = await self._met(exchange, receive)
            added += headers
        if action is None:
            await self._inside(scope, receive, note)
            return
        if not action.hands_on:
            await _note_unread(scope, receive)
        await carry_out(self._dialect.translate_fault(action), self._inside, scope, receive, note)
        if exchange.answered is None:
            exchange.answered = real()  # the connection was dropped

    async def _met(
        self, exchange: Exchange, receive: Receive
    ) -> tuple[Action | None, list[Header], Receive]:
        """What faults and limits do to a request, the headers they add, and its body once more."""
        faults, said = self._provider.faults, None
        if exchange.path == CHAT and faults.look_at_chat:
            said, receive = await overheard(receive)
        action, headers = faults.meet(exchange, said)
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        return action, encoded, receive

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A client that went away in the middle of its request gets no answer.
        with suppress(ClientDisconnect):
            await self._app(scope, receive, send)


class Admission:
    """An ASGI layer that turns away what OpenAI would: headers too large, no key."""

    def __init__(self, app: ASGIApp, provider: Provider) -> None:
        self._app = app
        self._isolate = provider.settings.isolate_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"] = path = without_prefix(scope["path"])
        if not path.startswith(CONTROL) and OWNER not in scope:  # a dialect has let it in before
            try:
                _check_headers(scope["headers"])
                authenticate(scope, isolate=self._isolate)
            except WireError as error:
                await failure(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_browser(scope: Scope) -> bool:
    """Whether a person asks: programs accept anything, and browsers name HTML."""
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepted


async def _note_unread(scope: Scope, receive: Receive) -> None:
    """Note the body of a request that is not handed on, so that a repeat of it is known."""
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
    """The seconds that an answer asks for; OpenAI's client prefers the more exact header."""
    asked = {name: value for name, value in headers if name.startswith(b"retry-after")}
    for name, scale in ((b"retry-after-ms", 1000), (b"retry-after", 1)):
        try:
            return float(asked[name]) / scale
        except (KeyError, ValueError):
            continue  # ValueError for a date, which a scenario may send
    return None
