"""Hosting: the application on a socket, in a thread for tests or in front for a terminal."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.app import create_app
from mockserver.breakage import ABORT
from mockserver.clock import Clock, ManualClock, WallClock
from mockserver.errors import error_body
from mockserver.exchanges import Exchanges
from mockserver.faults import Faults
from mockserver.furnish import furnish
from mockserver.ids import Ids
from mockserver.learners import Learners
from mockserver.provider import Provider
from mockserver.settings import Settings
from mockserver.store.database import Store
from mockserver.tokens import Tokenizer

__all__ = ["MockServer", "Settings", "serve"]

STOP_TIMEOUT = 10.0
BACKLOG = 2048


class ServerStartError(Exception):
    """The server could not be started, or not in time."""


class MockServer:
    """A mock provider in a thread of this process.

    The socket is bound in the caller's thread, so a taken port is an error here and not a
    silence there. Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._running: _Running | None = None

    @property
    def base_url(self) -> str:
        """The address that clients use as their base URL; it ends in `/v1`."""
        return f"{self.origin}/v1"

    @property
    def origin(self) -> str:
        if self._running is None:
            raise RuntimeError("the mock server is not running")
        return origin_of(self._running.socket)

    def start(self) -> None:
        """Bind, serve in a thread, and return once requests are answered."""
        self._running = _Running(self.settings)
        self._running.start()

    def stop(self) -> None:
        """Stop serving and close the store; harmless when not running."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def __enter__(self) -> MockServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until interrupted; `announce` gets the base URL once the socket is bound."""
    store = Store(settings.db)
    try:
        provider = make_provider(settings, store)
        with bind(settings) as listener:
            announce(f"{origin_of(listener)}/v1")
            _Uvicorn(_config(provider)).run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # the ordinary way to stop a server in a terminal
    finally:
        store.close()


def make_provider(settings: Settings, store: Store) -> Provider:
    """Everything the application is made of, on top of a store."""
    generation = int(store.fact("generation") or 0) + 1
    store.remember("generation", generation)
    seed = secrets.randbits(64) if settings.seed is None else settings.seed
    clock, ids = make_clock(settings, store), Ids(seed, generation)
    provider = Provider(
        store=store,
        clock=clock,
        ids=ids,
        tokens=Tokenizer(),
        learners=Learners(),
        faults=Faults(ids.chance),
        exchanges=Exchanges(clock.now, time.monotonic),
        settings=settings,
    )
    furnish(provider)
    return provider


def make_clock(settings: Settings, store: Store) -> Clock:
    """A clock that goes on from where the store's last one stood."""
    remembered = store.fact("clock")
    if settings.clock == "manual":
        return ManualClock() if remembered is None else ManualClock(remembered)
    return WallClock()


def bind(settings: Settings) -> socket.socket:
    """A listening socket; raises OSError when the address can't be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, an
    # answer in two writes takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def origin_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Running:
    """A server between its start and its stop."""

    def __init__(self, settings: Settings) -> None:
        self.store = Store(settings.db)
        try:
            provider = make_provider(settings, self.store)
            self.socket = bind(settings)
        except Exception:
            self.store.close()
            raise
        self._server = _Uvicorn(_config(provider))
        self._thread = threading.Thread(
            target=self._server.run, args=([self.socket],), name="mockserver", daemon=True
        )

    def start(self) -> None:
        self._thread.start()
        if not self._server.ready.wait(STOP_TIMEOUT):
            self.stop()
            raise ServerStartError(f"the mock server did not start in {STOP_TIMEOUT:.0f} s")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(STOP_TIMEOUT)
        self.socket.close()
        self.store.close()


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


class _Uvicorn(uvicorn.Server):
    """Uvicorn that tells another thread when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _config(provider: Provider) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return uvicorn.Config(
        create_app(provider),
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
        timeout_graceful_shutdown=1,
    )
