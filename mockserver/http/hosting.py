"""Uvicorn, set up for a mock: quiet, able to cut connections, and telling when it is ready."""

from __future__ import annotations

import logging
import socket
import threading

import msgspec
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.faults.fault_injection import ABORT
from mockserver.http.errors import error_body

BACKLOG = 2048
GRACE = 1
"""Seconds that requests in flight get when the server stops."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError when the address can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, an
    # answer in two writes takes 40 ms.
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

    def __init__(self, app: ASGIApp) -> None:
        # What uvicorn warns of (requests that are no HTTP) is answered with a 400 and no news.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        super().__init__(
            uvicorn.Config(
                app,
                http=_DroppableProtocol,
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

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class _DroppableProtocol(HttpToolsProtocol):
    """HTTP whose connection the application can cut, as a network does."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self.transport.abort}  # type: ignore[dict-item] # ours

    def send_400_response(self, msg: str) -> None:
        """Requests that are not HTTP get an error in the provider's shape too."""
        body = msgspec.json.encode(error_body(msg))
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()
