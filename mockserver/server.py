"""Runs a mock provider: in a thread for tests, in the foreground for a terminal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from types import FrameType, TracebackType

from mockserver.build_provider import build_provider
from mockserver.dialects import OPENAI, find_dialect
from mockserver.http.app import create_app
from mockserver.http.direct import DirectChat
from mockserver.http.hosting import Host, bind, origin_of
from mockserver.provider import Provider
from mockserver.settings import Settings
from mockserver.store.database import Store

__all__ = ["MockServer", "ServerStartError", "Settings", "serve"]

PATIENCE = 10.0
"""The time limit in seconds for a start or a stop."""
TERMINATED = 128 + signal.SIGTERM


class ServerStartError(Exception):
    """The server could not be started in time."""


class MockServer:
    """A mock provider in a thread of this process.

    The socket is bound in the caller's thread, so that a port in use raises an error there.
    Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._running: _Running | None = None

    @property
    def base_url(self) -> str:
        """The base URL for clients; in the OpenAI dialect it ends in `/v1`."""
        return f"{self.origin}{find_dialect(self.settings.dialect).base_path}"

    @property
    def origin(self) -> str:
        """The URL without a path; `/_mock/` is below it."""
        if self._running is None:
            raise RuntimeError("the mock server is not running")
        return self._running.origin

    @property
    def unfired(self) -> list[str]:
        """The names of what the scenario sets and no request has met yet."""
        return self._running.provider.faults.unfired() if self._running else []

    def start(self) -> None:
        """Bind, serve in a thread, and return once the server answers requests.

        Raises:
            OSError: the address is not available.
            ValueError: the scenario or the fixtures in the settings cannot be used.
            ServerStartError: the server did not answer in time.
        """
        self._running = _Running(self.settings)

    def stop(self) -> None:
        """Stop serving and close the store; does nothing if not running."""
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
    """Serve until interrupted; `announce` gets the base URL once the socket is bound.

    Call it in the main thread. SIGTERM raises SystemExit, so that everything is cleaned up.
    Raises OSError and ValueError as `MockServer.start` does.
    """
    with closing(Store(settings.db)) as store:
        provider = build_provider(settings, store)
        with bind(settings.host, settings.port) as listener, _unwinding_on_sigterm():
            announce(f"{origin_of(listener)}{find_dialect(settings.dialect).base_path}")
            with suppress(KeyboardInterrupt):  # the ordinary way to stop it
                host_of(provider).run(sockets=[listener])


def host_of(provider: Provider) -> Host:
    """Serves the provider; chats in OpenAI's form are answered directly."""
    direct = DirectChat(provider) if provider.settings.dialect == OPENAI else None
    return Host(create_app(provider), direct)


class _Running:
    """A running server."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings.db)
        try:
            self.provider = build_provider(settings, self._store)
            self._host = host_of(self.provider)
            self._listener = bind(settings.host, settings.port)
        except Exception:
            self._store.close()
            raise
        self.origin = origin_of(self._listener)
        self._thread = threading.Thread(
            target=self._host.run, args=([self._listener],), name="mockserver", daemon=True
        )
        self._thread.start()
        if not self._host.ready.wait(PATIENCE):
            self.stop()
            raise ServerStartError(f"the mock server did not start in {PATIENCE:.0f} s")

    def stop(self) -> None:
        self._host.should_exit = True
        self._thread.join(PATIENCE)
        self._listener.close()
        if not self._thread.is_alive():  # a server that still answers needs its store
            self._store.close()


@contextmanager
def _unwinding_on_sigterm() -> Iterator[None]:
    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
