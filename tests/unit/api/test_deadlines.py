"""Every answer over every kind of drip: whatever a server sends, and however slowly, it ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from ftrunner.api.errors import ApiError, ConnectionFailed, ConnectionLost, TimedOut
from ftrunner.api.http.exchange import Request, Stream, Timeout, Upload
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.api.operations import CALLS
from tests.unit.api.fakes import RawServer, http

HARD_END = 5.0  # seconds after which the server gives up: the test has failed by then
QUICK = Timeout(connect=0.3, headers=0.3, body=0.3, read=0.2)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Drip(NamedTuple):
    """What a server sends at once, and what it sends again and again, with a pause or without."""

    first: bytes
    piece: bytes
    pause: float = 0.01


HEADERS = {
    "nothing": Drip(b"", b""),
    "a status line": Drip(b"HTTP/1.1 2", b"0"),
    "a header": Drip(OK + b"X: ", b"x"),
    "headers": Drip(OK, b"X: x\r\n", 0.05),
    "100 Continue": Drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 Continue, byte by byte": Drip(b"HTTP/1.1 100 Continue\r\nX: ", b"x"),
    "103 Early Hints": Drip(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "a flood of 100 Continue": Drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 0),
}
BODIES = {
    "a body of a known length": Drip(OK + b"Content-Length: 999999\r\n\r\n", b" "),
    "a body until the end": Drip(OK + b"\r\n", b" "),
    "a body that stops": Drip(OK + b"Content-Length: 999999\r\n\r\n{", b""),
    "a chunk size": Drip(CHUNKED, b"0"),
    "a chunk extension": Drip(CHUNKED + b"1;", b"x"),
    "chunks": Drip(CHUNKED, b"1\r\n \r\n"),
    "a chunk": Drip(CHUNKED + b"ffffff\r\n", b" "),
    "trailers": Drip(CHUNKED + b"1\r\n \r\n0\r\n", b"X: x\r\n"),
    "a trailer": Drip(CHUNKED + b"1\r\n \r\n0\r\nX: ", b"x"),
    "a flood of trailers": Drip(CHUNKED + b"1\r\n \r\n0\r\n", b"X: x\r\n" * 500, 0),
    "a gzip header": Drip(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0", b"n"),
    "a refusal": Drip(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 999\r\n\r\n", b" "),
}


ANSWERS = HEADERS | BODIES


@contextmanager
def dripping(drip: Drip) -> Iterator[int]:
    """The port of a server that drips until its client has had enough."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(HARD_END)
        thread = threading.Thread(target=_drip, args=(listening, drip), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(HARD_END)


def _drip(listening: socket.socket, drip: Drip) -> None:
    ends = time.monotonic() + HARD_END
    connection, _ = listening.accept()
    with connection:
        connection.settimeout(HARD_END)
        try:
            connection.recv(65536)
            connection.sendall(drip.first)
            while time.monotonic() < ends:
                connection.sendall(drip.piece)
                if not drip.piece and not connection.recv(1):
                    return
                time.sleep(drip.pause)
        except OSError:
            return


def failure(url: str, **fields: object) -> tuple[ApiError, float]:
    """How a request ends, and after how many seconds."""
    started = time.monotonic()
    request = Request("POST", url, timeout=QUICK, **fields)  # type: ignore[arg-type]  # rows of tests
    with RequestsTransport() as transport, pytest.raises(ApiError) as caught:
        transport.send(request)
    return caught.value, time.monotonic() - started


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("drip", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_ends_in_time_and_proves_nothing(drip: Drip, *, streamed: bool) -> None:
    fields = {"sink": list} if streamed else {}

    with dripping(drip) as port:
        error, seconds = failure(f"http://127.0.0.1:{port}/v1/files", **fields)

    assert isinstance(error, ConnectionLost)
    assert not error.nothing_was_done
    assert seconds < HARD_END / 2


@pytest.mark.parametrize("drip", HEADERS.values(), ids=HEADERS)
def test_a_proxys_answer_ends_in_time_and_nothing_was_sent(
    drip: Drip, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dripping(drip) as port, monkeypatch.context() as environment:
        environment.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        environment.setenv("NO_PROXY", "")
        error, seconds = failure("https://api.example.com/v1/files")

    assert isinstance(error, ConnectionFailed)
    assert seconds < HARD_END / 2


@pytest.mark.parametrize(
    ("drip", "says"),
    [
        (HEADERS["a header"], "its headers took more than 0.3 s"),
        (BODIES["chunks"], "its body took more than"),
    ],
    ids=["headers", "body"],
)
def test_it_is_said_what_took_too_long(drip: Drip, says: str) -> None:
    with dripping(drip) as port:
        error, _ = failure(f"http://127.0.0.1:{port}/v1/files")

    assert type(error) is TimedOut
    assert says in error.message


def test_a_slow_answer_that_ends_is_taken_and_its_connection_used_again() -> None:
    """The deadline of one answer is not that of the next on the same connection."""
    answer = OK + b"Content-Length: 2\r\n\r\n{}"
    served: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            for _ in range(2):
                served.append(connection.recv(65536))
                for index in range(0, len(answer), 9):
                    connection.sendall(answer[index : index + 9])
                    time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listening, RequestsTransport() as transport:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        for _ in range(2):
            timeout = Timeout(headers=2, body=2)
            assert transport.send(Request("GET", url, timeout=timeout)).body == b"{}"
        thread.join(HARD_END)
    assert len(served) == 2


def test_the_clock_starts_when_the_last_byte_is_sent() -> None:
    """An upload may take longer than its answer."""

    def slow() -> Iterator[bytes]:
        for _ in range(5):
            time.sleep(0.1)
            yield b"x"

    body = Stream(Upload("data.jsonl", 5, slow))
    with RawServer([http(b"{}")]) as server, RequestsTransport() as transport:
        request = Request("PUT", server.url(), body=body, timeout=Timeout(headers=0.3))
        assert transport.send(request).status == 200


def test_each_kind_of_answer_has_its_time() -> None:
    bodies = {name: call.timeout.body for name, call in CALLS.items()}
    others = {bodies[name] for name in CALLS if name not in ("chat", "file_content")}

    assert {call.timeout.headers for call in CALLS.values()} == {120}
    assert (bodies["chat"], bodies["file_content"], others) == (600, 3_600, {60})
    assert CALLS["chat"].timeout.read == 600  # a model may think after the headers were sent
