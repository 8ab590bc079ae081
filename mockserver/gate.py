"""What every request passes on its way in and out: path, key, request id, faults, log."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.access import authenticate
from mockserver.errors import WireError
from mockserver.provider import Provider
from mockserver.respond import failure

PREFIX = "/v1"
CONTROL = "/_mock/"


class Gate:
    """An ASGI layer around the routes; plain, because each chat request passes it."""

    def __init__(self, app: ASGIApp, provider: Provider) -> None:
        self._app = app
        self._provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith(PREFIX) and path[len(PREFIX) :][:1] in ("", "/"):
            path = scope["path"] = path[len(PREFIX) :] or "/"
        request_id = self._provider.ids.new("request").encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        try:
            if not path.startswith(CONTROL):
                authenticate(scope, isolate=self._provider.settings.isolate_keys)
        except WireError as error:
            await failure(error)(scope, receive, send_with_id)
            return
        await self._app(scope, receive, send_with_id)
