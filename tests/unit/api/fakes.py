"""Stand-ins for the ends of the api layer: a transport that answers from a list, a clock, a
server that says exactly the bytes it is given."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from types import TracebackType
from typing import Any, Self

from ftrunner.api.client import Client, Connection
from ftrunner.api.http.exchange import Request, Response
from ftrunner.api.http.retry import RetryPolicy
from ftrunner.events import Retrying
from ftrunner.providers import registry
from ftrunner.providers.profile import Profile

KEY = "sk-test-0123456789abcdefghijklmnop"
BASE_URL = "https://api.example.com/v1"

Answer = Response | Exception | Callable[[Request], Response]


def answer(
    document: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON response."""
    return Response(status, dict(headers or {}), json.dumps(document).encode())


def page(*ids: str, more: bool | None = False) -> Response:
    """One page of a list of objects that have only an id."""
    body: dict[str, Any] = {"object": "list", "data": [{"id": id} for id in ids]}
    return answer(body if more is None else body | {"has_more": more})


class ScriptedTransport:
    """Gives its answers in order and keeps the requests; one too many is an error."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        following = self._answers.pop(0)
        if isinstance(following, Exception):
            raise following
        found = following if isinstance(following, Response) else following(request)
        if request.sink is None or not found.is_success:
            return found
        request.sink(iter([found.body]))
        return replace(found, body=b"")

    @property
    def document(self) -> Any:
        """The JSON body of the last request."""
        body = self.requests[-1].body
        assert isinstance(body, bytes)
        return json.loads(body)


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


class Midway(Random):
    """Chance that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def client(
    transport: Any,
    *,
    profile: Profile | None = None,
    clock: FakeClock | None = None,
    retries: list[Retrying] | None = None,
    policy: RetryPolicy | None = None,
    extra_headers: Mapping[str, str] | None = None,
    key: str | None = KEY,
    base_url: str = BASE_URL,
) -> Client:
    """A client of the `openai` profile, unless another is given."""
    return Client(
        profile or registry.get("openai"),
        Connection(
            base_url=base_url,
            transport=transport,
            key=key,
            clock=clock or FakeClock(),
            random=Midway(),
            on_retry=(retries if retries is not None else list[Retrying]()).append,
            extra_headers=extra_headers or {},
            policy=policy or RetryPolicy(),
        ),
    )


class RawServer:
    """A socket that takes one connection after another and answers each with given bytes.

    An answer of None closes the connection without a word. Unless `reads`, the answer comes at
    once; unless `closes`, the other side must close. What was received is in `received`.
    """

    def __init__(
        self, answers: Sequence[bytes | None], *, reads: bool = True, closes: bool = True
    ) -> None:
        self._answers = list(answers)
        self._reads = reads
        self._closes = closes
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.received: list[bytes] = []

    def url(self, path: str = "/v1/files") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.join(timeout=10)
        self._socket.close()

    def _serve(self) -> None:
        self._socket.settimeout(10)
        for following in self._answers:
            connection, _ = self._socket.accept()
            with connection:
                connection.settimeout(10)
                if self._reads:
                    self.received.append(_read_request(connection))
                if following is not None:
                    connection.sendall(following)
                if not self._closes:
                    connection.recv(1)


def _read_request(connection: socket.socket) -> bytes:
    """The head, and as much of the body as its Content-Length says, or as the other side sends."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(65536)
        if not block:
            return data
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if b"content-length" in line
    ]
    while lengths and len(body) < int(lengths[0]) and (block := connection.recv(65536)):
        body += block
    return head + b"\r\n\r\n" + body


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP/1.1 response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
