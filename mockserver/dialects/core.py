"""The OpenAI-shaped application inside, called by a dialect in the same process.

A dialect is a second application in front of the first: it reads a request as its provider does,
asks the first one in OpenAI's words, and says the answer in its own. Time, training, chat and the
verdict on the client are therefore the same in every dialect.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Scope

from mockserver.exchanges import hand_on


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application inside answered; `document` is None where that was no JSON."""

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


class Core:
    """Calls the application inside; `key` is the API key as its bearer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def ask(
        self,
        request: Request,
        method: str,
        path: str,
        *,
        key: str,
        body: Any = None,
        query: str = "",
    ) -> Answer:
        """One request with a JSON body, or none, on behalf of the client's `request`."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = "application/json"
        return await self.send(request, method, path, kind, content, key=key, query=query)

    async def upload(self, request: Request, filename: str, content: bytes, *, key: str) -> Answer:
        """A training file as a multipart form."""
        boundary = "mockserver-boundary-7f3a1c"
        name = filename.replace('"', "")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\n\r\n'
        )
        form = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return await self.send(request, "POST", "/v1/files", kind, form, key=key)

    async def send(
        self,
        request: Request,
        method: str,
        path: str,
        kind: str,
        content: bytes,
        *,
        key: str,
        query: str = "",
    ) -> Answer:
        headers = [
            (b"authorization", f"Bearer {key}".encode()),
            (b"content-type", kind.encode()),
            (b"content-length", str(len(content)).encode()),
        ]
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
            "headers": headers if key else headers[1:],
            "server": ("mockserver", 80),
            "client": ("127.0.0.1", 0),
            "extensions": {},
        }
        hand_on(request.scope, scope)
        return await self._run(scope, content)

    async def pass_on(self, request: Request, path: str, *, key: str) -> Answer:
        """The request as it came, body and all, at another path."""
        kind = request.headers.get("content-type", "application/json")
        body = await request.body()
        return await self.send(
            request, request.method, path, kind, body, key=key, query=request.url.query
        )

    async def _run(self, scope: Scope, content: bytes) -> Answer:
        status, headers, parts = 500, {}, [b""]
        pending = [content]
        answered = asyncio.Event()

        async def receive() -> Message:
            if pending:
                return {"type": "http.request", "body": pending.pop(), "more_body": False}
            await answered.wait()  # a streaming answer watches for the client's going
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        answered.set()
        return Answer(status, headers, b"".join(parts))
