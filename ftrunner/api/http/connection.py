"""Connections whose answers end in time, and whose failures say whether anything was sent.

The timeout of a socket holds for each piece that arrives: a server that sends a byte a minute, of
headers, `100 Continue`, chunk sizes or trailers, would keep its client for ever. Here one deadline
holds for all headers together, and one for all of the body.
"""

from __future__ import annotations

import http.client
import io
import math
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ftrunner.api.errors import CannotConnect
from ftrunner.api.http.exchange import Timeout
from ftrunner.clock import Clock
from ftrunner.fsio import open_regular

_BLOCK = 256 * 1024  # bytes of the body sent at a time
_NOTHING_SENT = "the request was not sent"


@dataclass(frozen=True, slots=True)
class _Patience:
    clock: Clock
    timeout: Timeout


_PATIENCE: ContextVar[_Patience] = ContextVar("patience")


@contextmanager
def patient(clock: Clock, timeout: Timeout) -> Iterator[None]:
    """Answers that begin in the block end within `timeout`, also where they are read after it."""
    token = _PATIENCE.set(_Patience(clock, timeout))
    try:
        yield
    finally:
        _PATIENCE.reset(token)


def nothing_was_sent(error: BaseException) -> bool:
    """Whether `error` came before the connection was ready for the request."""
    return _NOTHING_SENT in getattr(error, "__notes__", ())


class _Deadline:
    """When reading ends. Every read waits no longer than to there, nor longer than `pause`."""

    def __init__(self, clock: Clock, seconds: float, what: str) -> None:
        self._clock = clock
        self.restart(seconds, what)

    def restart(self, seconds: float, what: str, pause: float = math.inf) -> None:
        self._ends = self._clock.monotonic() + seconds
        self._pause = pause
        self.late = f"{what} took more than {min(seconds, pause):g} s"

    def left(self) -> float:
        """Seconds that the next read may take. Raises TimeoutError for none."""
        left = min(self._ends - self._clock.monotonic(), self._pause)
        if left <= 0:
            raise TimeoutError(self.late)
        return left


class _Reader(io.RawIOBase):
    """Reads a socket by a deadline."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        super().__init__()
        self._sock = sock
        self._raw: Any = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self._raw.fileno()
        return number

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.left())
        try:
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            raise TimeoutError(self._deadline.late) from None
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


_INTERIM = {*range(100, 200)} - {http.HTTPStatus.SWITCHING_PROTOCOLS}


class _Answer(http.client.HTTPResponse):
    """An answer whose headers, and then whose body, come in time, however they drip.

    It is made when the request was sent: by then the socket's timeout is that for the headers, or,
    of a proxy's answer to CONNECT, that for connecting.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        patience = _PATIENCE.get()
        self._body_timeout = patience.timeout
        self._deadline = _Deadline(patience.clock, sock.gettimeout() or math.inf, "its headers")
        reader = io.BufferedReader(_Reader(sock, self._deadline))
        super().__init__(SimpleNamespace(makefile=lambda _mode: reader), *args, **kwargs)  # type: ignore[arg-type]  # all that is asked of a socket

    def _read_status(self) -> tuple[str, int, str]:
        """The final status: `http.client` takes any interim answer but 100 for the final one."""
        version, status, reason = super()._read_status()  # type: ignore[misc]  # not in its stub
        while status in _INTERIM:
            http.client.parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        if status == http.HTTPStatus.SWITCHING_PROTOCOLS:
            raise http.client.BadStatusLine(f"{status} {reason}")
        return version, status, reason

    def begin(self) -> None:
        super().begin()
        body = self._body_timeout
        self._deadline.restart(body.body, "its body", pause=body.read)


class _Connection(HTTPConnection):
    response_class = _Answer

    def connect(self) -> None:
        with _marked():
            super().connect()


class _TlsConnection(HTTPSConnection):
    response_class = _Answer

    def connect(self) -> None:
        with _marked():
            super().connect()


@contextmanager
def _marked() -> Iterator[None]:
    """What goes wrong while connecting, a proxy's tunnel and TLS included, came before sending."""
    try:
        yield
    except Exception as error:
        error.add_note(_NOTHING_SENT)
        raise


class _Roomy(HTTPConnectionPool):
    """Room for many connections, made as they come: to fill 256 places takes as long as a request
    does.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "maxsize": 1})
        if self.pool is not None:
            self.pool.maxsize = kwargs.get("maxsize", 1)


class _Pool(_Roomy):
    ConnectionCls = _Connection


class _TlsPool(_Roomy, HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


# Where certificate authorities come from, in this order; the last two are OpenSSL's.
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def certificates(url: str) -> str | bool:
    """The user's file of certificates to trust, or True for the usual ones.

    Raises CannotConnect, before anything is sent, for one that cannot be used.
    """
    if not url.lower().startswith("https:"):
        return True
    variable, path = user_bundle()
    if not path:
        return True
    if fault := _bundle_fault(Path(path)):
        message = f"no certificate can be checked: {path} {fault}"
        hint = f"{variable} names it: correct that, or unset it"
        raise CannotConnect(message, code="FT308", hint=hint)
    return path


def user_bundle() -> tuple[str, str]:
    """The variable that names the user's certificates, and what it names; nothing by default."""
    named = ((name, os.environ.get(name, "")) for name in BUNDLES)
    return next((each for each in named if each[1]), (BUNDLES[0], ""))


@lru_cache(maxsize=4)
def _bundle_fault(path: Path) -> str | None:
    """Why the file or folder at `path` cannot say which certificates to trust."""
    if path.is_dir():
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        open_regular(path).close()
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        return "holds no certificates in PEM form"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return None if context.cert_store_stats()["x509"] else "holds no certificate"


_CONNECTIONS = 256
_POOLS = {"http": _Pool, "https": _TlsPool}


class Adapter(HTTPAdapter):
    """Sends bodies in large blocks: 500 MB took six times as long in the default 16 KB.

    Its connections are those that end in time, but for SOCKS proxies, which have their own. As many
    are kept open as threads may ask at a time.
    """

    def __init__(self) -> None:
        super().__init__(pool_maxsize=_CONNECTIONS)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, blocksize=_BLOCK)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager
