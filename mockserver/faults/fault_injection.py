"""Applies a fault to a request: delayed, refused, dropped, truncated, malformed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.faults.scenario import Action
from mockserver.http.errors import error_body

ABORT = "mockserver.abort"
"""The key in `scope["extensions"]` of the function that drops the connection."""
PIECE = 16

Header = tuple[bytes, bytes]

_HTML = (
    b"<html>\r\n<head><title>%(status)d</title></head>\r\n<body>\r\n<center><h1>%(status)d "
    b"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_DEFAULT_MESSAGES = {
    429: ("Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request.", "server_error", None),
    503: ("The engine is currently overloaded, please try again later.", "server_error", None),
}


async def carry_out(
    action: Action, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a request as `action` requires; `app` is the provider behind it."""
    if action.delay:
        await asyncio.sleep(action.delay)
    if action.drop == "before":
        await _drop(scope, receive)
    elif action.status is not None or action.html:
        if action.works:
            await app(scope, receive, _Recorder())
        await _deliver(action, _invented(action), scope, receive, send)
    else:
        answer = _Recorder()
        await app(scope, receive, answer)
        if action.drop == "after":
            await _drop(scope, receive)
        else:
            await _deliver(action, answer, scope, receive, send)


class _Recorder:
    """A response that is captured, not sent."""

    def __init__(
        self, status: int = 200, headers: Iterable[Header] = (), body: bytes = b""
    ) -> None:
        self.status = status
        self.headers = list(headers)
        self.body = bytearray(body)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


async def _drop(scope: Scope, receive: Receive) -> None:
    """Cut the connection, then wait until the server has noticed."""
    abort: Callable[[], None] = scope["extensions"][ABORT]
    abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _deliver(
    action: Action, answer: _Recorder, scope: Scope, receive: Receive, send: Send
) -> None:
    body = _altered(action, bytes(answer.body))
    headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
    headers += [(b"content-length", b"%d" % len(body)), *_extra_headers(action)]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if action.truncate is not None:
        part = body[: min(action.truncate, max(len(body) - 1, 0))]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await _drop(scope, receive)
        return
    if action.dribble is not None:
        for start in range(0, len(body), PIECE):
            piece = body[start : start + PIECE]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(action.dribble)
        body = b""
    await send({"type": "http.response.body", "body": body})


def _invented(action: Action) -> _Recorder:
    """The response of a fault in place of the provider's."""
    status = action.status or 502
    if action.html:
        return _Recorder(status, [(b"content-type", b"text/html")], _HTML % {b"status": status})
    if isinstance(action.body, str):
        kind = b"text/plain; charset=utf-8"
        return _Recorder(status, [(b"content-type", kind)], action.body.encode())
    body = action.body
    if body is None:
        text, kind_of, code = _DEFAULT_MESSAGES.get(
            status, ("The request was refused.", "invalid_request_error", None)
        )
        body = error_body(text, type=kind_of, code=code)
    return _Recorder(status, [(b"content-type", b"application/json")], msgspec.json.encode(body))


def _extra_headers(action: Action) -> list[Header]:
    found = [(name.lower().encode(), value.encode()) for name, value in action.headers.items()]
    if action.retry_after is not None:
        found.append((b"retry-after", f"{action.retry_after:g}".encode()))
    return found


def _altered(action: Action, body: bytes) -> bytes:
    if action.set or action.remove or action.drop_items:
        body = _edited(action, body)
    if action.malformed:
        body = body[: len(body) // 2] + b"\x00<"
    return body


def _edited(action: Action, body: bytes) -> bytes:
    """The JSON response with keys set and removed; lists are edited item by item.

    A response that is not a JSON object, such as a file's content, stays unchanged.
    """
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body
    if not isinstance(document, dict):
        return body
    items = document.get("data")
    if isinstance(items, list):
        kept = [item for place, item in enumerate(items) if place not in action.drop_items]
        document["data"] = [_with_keys(action, item) for item in kept]
    else:
        document = _with_keys(action, document)
    return msgspec.json.encode(document)


def _with_keys(action: Action, item: Any) -> Any:
    if not isinstance(item, dict) or ("error" in item and len(item) == 1):
        return item
    kept = {key: value for key, value in item.items() if key not in action.remove}
    return {**kept, **action.set}
