"""The inner application with the OpenAI API, called by a dialect in the same process.

A dialect is an application in front of it: it reads a request as its provider does, sends it to
the inner application in OpenAI's form, and converts the response. Time, training, chat and the
verdict on the client are therefore the same in every dialect.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Scope

from mockserver.adapter.dialect import Refusal
from mockserver.http.access import OWNER
from mockserver.verdict.exchange import hand_on


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the inner application; `document` is None if it is not JSON."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def document(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def result(self) -> Any:
        """The document of a successful response; raises Refusal for an error."""
        if self.is_success:
            return self.document
        error = (self.document or {}).get("error") or {}
        raise Refusal(self.status, str(error.get("message") or "failed"), error.get("code"))


class InnerApp:
    """Calls the inner application on behalf of the client's `request` and its owner."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def ask(
        self,
        request: Request,
        method: str,
        path: str,
        *,
        owner: str,
        body: Any = None,
        query: str = "",
    ) -> Answer:
        """A request with a JSON body or none."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "content-length": str(len(content))}
        scope = _scope(request, method, path, headers, owner=owner, query=query)
        return await self._run(scope, _Body(_once(content)))

    async def all(self, request: Request, path: str, *, owner: str) -> list[dict[str, Any]]:
        """All items of a list, in order, from all pages."""
        found: list[dict[str, Any]] = []
        more, after = True, ""
        while more:
            query = f"limit=100{after}"
            answer = await self.ask(request, "GET", path, owner=owner, query=query)
            page = answer.result()
            found += page["data"]
            more = page["has_more"]
            after = f"&after={found[-1]['id']}" if found else ""
        return found

    async def upload(self, request: Request, filename: str, *, owner: str) -> Answer:
        """Upload the request's body as a training file; it is streamed, never held in memory."""
        boundary = f"mockserver-{secrets.token_hex(16)}"
        name = filename.replace('"', "")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\n\r\n'
        )
        form = _around(head.encode(), request.stream(), f"\r\n--{boundary}--\r\n".encode())
        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        scope = _scope(request, "POST", "/v1/files", headers, owner=owner)
        return await self._run(scope, _Body(form))

    async def pass_on(self, request: Request, path: str, *, owner: str) -> Answer:
        """Forward the request unchanged, with its body, to another path."""
        headers = {"content-type": request.headers.get("content-type", "application/json")}
        scope = _scope(request, request.method, path, headers, owner=owner, query=request.url.query)
        return await self._run(scope, _Body(request.stream()))

    async def _run(self, scope: Scope, body: _Body) -> Answer:
        status, headers, parts = 500, {}, [b""]

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(scope, body.receive, send)
        body.answered.set()
        return Answer(status, headers, b"".join(parts))


class _Body:
    """A request's body as the inner application receives it, chunk by chunk."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._is_over = False
        self.answered = asyncio.Event()

    async def receive(self) -> Message:
        async for piece in self._pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        if not self._is_over:
            self._is_over = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.answered.wait()  # a streaming response waits for the client to disconnect
        return {"type": "http.disconnect"}


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _around(head: bytes, pieces: AsyncIterator[bytes], tail: bytes) -> AsyncIterator[bytes]:
    yield head
    async for piece in pieces:
        yield piece
    yield tail


def _scope(
    request: Request,
    method: str,
    path: str,
    headers: Mapping[str, str],
    *,
    owner: str,
    query: str = "",
) -> Scope:
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("mockserver", 80),
        "client": ("127.0.0.1", 0),
        "extensions": {},
        OWNER: owner,
    }
    hand_on(request.scope, scope)
    return scope
