"""Uvicorn for a mock: quiet, strict with stalled clients, able to drop connections."""

from __future__ import annotations

import logging
import socket
import threading
import time

import msgspec
import uvicorn
from starlette.types import ASGIApp
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


class Host(uvicorn.Server):
    """Serves one application; `ready` is set once it answers."""

    def __init__(self, app: ASGIApp, patience: float = PATIENCE) -> None:
        # Requests that are not HTTP get a 400; uvicorn's warning is not needed.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
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

    _received = 0
    _waits_for: tuple[object, ...] = ()
    _since = 0.0

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
            return "ask", request
        if request.more_body and not (self.flow.read_paused or request.waiting_for_100_continue):
            return "send", request, self._received // LEAST
        return ()

    def on_body(self, body: bytes) -> None:
        self._received += len(body)
        super().on_body(body)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self.transport.abort}  # type: ignore[dict-item] # ours

    def send_400_response(self, msg: str) -> None:
        """Send the provider's error for a request that is not HTTP."""
        body = msgspec.json.encode(error_body(msg))
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()
