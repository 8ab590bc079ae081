"""Uvicorn for a mock: quiet, strict with stalled clients, able to drop connections."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import msgspec
import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.faults.fault_injection import ABORT
from mockserver.http.errors import error_body

BACKLOG = 2048
GRACE = 1
"""The time in seconds for open requests when the server stops."""
PATIENCE = 20.0
"""How long in seconds a client may keep the server waiting."""
LEAST = 1024
"""The minimum number of bytes of a body in that time."""
TICKS = 5
"""Tenths of a second between checks of the connections."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError if the address is not available."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only if the protocol is set; otherwise a response in
    # two writes takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def origin_of(listener: socket.socket) -> str:
    """`http://host:port` of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


Direct = Callable[[Scope, bytes], tuple[str, bytes] | None]
"""Answers a request without the application, with its id and a JSON document; None if it cannot."""
DIRECT_URLS = (b"/v1/chat/completions", b"/chat/completions")


class Host(uvicorn.Server):
    """Serves one application; `ready` is set once it answers.

    `direct` is asked first about chats that arrive in one piece.
    """

    def __init__(
        self, app: ASGIApp, direct: Direct | None = None, patience: float = PATIENCE
    ) -> None:
        # Requests that are not HTTP get a 400; uvicorn's warning is not needed.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        super().__init__(
            uvicorn.Config(
                app,
                http=cast("type[asyncio.Protocol]", partial(_Protocol, direct=direct)),
                ws="none",
                loop="asyncio",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self.ready = threading.Event()
        self._patience = patience

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, _Protocol):
                    connection.cut_if_stalled(now, self._patience)
        return await super().on_tick(counter)


class _Protocol(HttpToolsProtocol):
    """HTTP with connections that the application, or a stalled client, can drop."""

    def __init__(self, *args: Any, direct: Direct | None, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._direct = direct
        self._held: bytes | None = None
        """The body so far of a request that may be answered directly."""
        self._answered = 0
        self._received = 0
        self._waits_for: tuple[object, ...] = ()
        self._since = 0.0

    def cut_if_stalled(self, now: float, patience: float) -> None:
        """Drop the connection if it has waited for the same event for too long."""
        waits_for = self._awaited()
        if waits_for != self._waits_for:
            self._waits_for, self._since = waits_for, now
        elif waits_for and now - self._since > patience:
            self.transport.abort()

    def _awaited(self) -> tuple[object, ...]:
        """The client's next step; empty if it is the server's turn."""
        unread = self.transport.get_write_buffer_size()
        if unread:
            return "read", unread
        request = self.cycle
        if request is None or (request.response_complete and not request.more_body):
            return "ask", request, self._answered
        if request.more_body and not (self.flow.read_paused or request.waiting_for_100_continue):
            return "send", request, self._received // LEAST
        return ()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._hand_over()  # the rest of the request may take long

    def on_headers_complete(self) -> None:
        if self._may_be_direct():
            self._held = b""
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._received += len(body)
        if self._held is None:
            super().on_body(body)
        else:
            self._held += body

    def on_message_complete(self) -> None:
        if self._held is not None and self._answer_directly(self._held):
            self._held = None
        else:
            self._hand_over()
            super().on_message_complete()

    def _may_be_direct(self) -> bool:
        """Whether this is a chat on an idle connection."""
        return (
            self._direct is not None
            and self.url in DIRECT_URLS
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.expect_100_continue
            and (self.cycle is None or self.cycle.response_complete)
            and not self.transport.get_write_buffer_size()
        )

    def _answer_directly(self, body: bytes) -> bool:
        assert self._direct is not None
        scope: Scope = {"method": "POST", "query_string": b"", "headers": self.headers}
        answer = self._direct(scope, body)
        if answer is None:
            return False
        request_id, content = answer
        self.transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\ncontent-type: application/json\r\n"
            b"x-request-id: %s\r\n\r\n%s" % (len(content), request_id.encode(), content)
        )
        self._answered += 1
        return True

    def _hand_over(self) -> None:
        """Let the application have the request that was held back."""
        body, self._held = self._held, None
        if body is not None:
            super().on_headers_complete()
            super().on_body(body)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self.transport.abort}  # type: ignore[dict-item] # ours

    def send_400_response(self, msg: str) -> None:
        """Send the provider's error for a request that is not HTTP."""
        self._held = None
        body = msgspec.json.encode(error_body(msg))
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()
