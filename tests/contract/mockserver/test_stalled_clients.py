"""Connections whose client keeps the server waiting are cut; slow ones that go on are not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.build_provider import build_provider
from mockserver.client import FtMock
from mockserver.http import hosting
from mockserver.http.app import create_app
from mockserver.http.direct import DirectChat
from mockserver.http.hosting import Host, bind, origin_of
from mockserver.server import Settings
from mockserver.store.database import Store
from tests.contract.mockserver.raw import RawClient

PATIENCE = 0.4
LATEST = 6.0
"""Seconds after which even a loaded machine has cut a connection."""
KEY = b"host: m\r\nauthorization: Bearer k\r\n"
POST = b"POST /v1/chat/completions HTTP/1.1\r\n" + KEY
FORM = b"POST /v1/files HTTP/1.1\r\n" + KEY + b"content-type: multipart/form-data; boundary=b\r\n"
PART = b'--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n'
PURPOSE = b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nevals\r\n--b--\r\n'
CHAT = b'{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}'
WHOLE = POST + b"content-length: %d\r\n\r\n" % len(CHAT) + CHAT

MODELS = b"GET /v1/models HTTP/1.1\r\n" + KEY + b"\r\n"


@pytest.fixture(scope="module")
def mock() -> Iterator[FtMock]:
    store = Store(None)
    provider = build_provider(Settings(seed=1), store)
    host = Host(create_app(provider), DirectChat(provider), PATIENCE)
    listener = bind("127.0.0.1", 0)
    thread = threading.Thread(target=host.run, args=([listener],), daemon=True)
    thread.start()
    assert host.ready.wait(10)
    yield FtMock(origin_of(listener))
    host.should_exit = True
    thread.join(10)
    listener.close()
    store.close()


def connect(mock: FtMock) -> socket.socket:
    address = urlsplit(mock.origin)
    return socket.create_connection((address.hostname, address.port), timeout=LATEST)


def is_cut(connection: socket.socket) -> bool:
    """Whether the server closes the connection in time."""
    deadline = time.monotonic() + LATEST
    try:
        while time.monotonic() < deadline:
            if not connection.recv(65536):
                return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return False


HALVES = {
    "nothing": b"",
    "half a request line": b"GET /v1/mod",
    "half the headers": POST + b"content-le",
    "no body": POST + b"content-length: 100\r\n\r\n",
    "half a body": POST + b"content-length: 100\r\n\r\n{",
    "half a chunked body": POST + b"transfer-encoding: chunked\r\n\r\n5\r\n{",
    "half a form": FORM + b"content-length: 9999\r\n\r\n" + PART + b"x" * 100,
    "half a body that was refused": b"POST /v1/files HTTP/1.1\r\ncontent-length: 9\r\n\r\n{",
    "a second half": WHOLE + b"GET /v1/mo",
    "an upgrade": b"GET /v1/models HTTP/1.1\r\nupgrade: h2c\r\nconnection: upgrade\r\n" + KEY,
}


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES)
def test_half_a_request_is_not_waited_for(mock: FtMock, sent: bytes) -> None:
    with connect(mock) as connection:
        connection.sendall(sent)

        assert is_cut(connection)


@pytest.mark.parametrize(
    "head",
    [b"GET /v1/models HTTP/1.1\r\nx-long: ", POST + b"content-length: 100000\r\n\r\n"],
    ids=["headers", "body"],
)
def test_a_request_that_drips_is_not_waited_for(mock: FtMock, head: bytes) -> None:
    with connect(mock) as connection:
        connection.sendall(head)
        with pytest.raises(ConnectionError):
            drip(connection)


def drip(connection: socket.socket) -> None:
    deadline = time.monotonic() + LATEST
    while time.monotonic() < deadline:
        connection.sendall(b" ")
        time.sleep(0.02)


def test_an_answer_that_nothing_reads_is_not_waited_for(mock: FtMock) -> None:
    size = 20_000_000
    client = RawClient(mock.base_url)
    with client.session:
        sent: Any = {"purpose": (None, "evals"), "file": ("large", b"x" * size)}
        stored = client.session.post(f"{client.base_url}/files", files=sent, timeout=20).json()
    with connect(mock) as connection:
        connection.sendall(f"GET /v1/files/{stored['id']}/content HTTP/1.1\r\n".encode())
        connection.sendall(KEY + b"\r\n")
        time.sleep(2 * PATIENCE + 1)
        received = sum(map(len, iter(reader(connection), b"")))

    assert 0 < received < size


def reader(connection: socket.socket) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return connection.recv(1_000_000)
        except ConnectionError:
            return b""

    return read


def status(connection: socket.socket) -> bytes:
    return connection.recv(65536).partition(b" ")[2][:3]


def test_a_slow_upload_that_goes_on_is_waited_for(mock: FtMock) -> None:
    content = PART + b"x" * 20 * hosting.LEAST
    form = content + b"\r\n" + PURPOSE
    with connect(mock) as connection:
        connection.sendall(FORM + b"content-length: %d\r\n\r\n" % len(form))
        for start in range(0, len(form), 2 * hosting.LEAST):
            connection.sendall(form[start : start + 2 * hosting.LEAST])
            time.sleep(PATIENCE / 4)

        assert status(connection) == b"200"


@pytest.mark.parametrize(
    "pieces",
    [
        [WHOLE],
        [WHOLE[:9], WHOLE[9:]],
        [WHOLE[: -len(CHAT)], CHAT],
        [WHOLE[:-1], WHOLE[-1:]],
        [WHOLE + WHOLE[:60], WHOLE[60:]],
        [WHOLE * 3],
        [WHOLE + MODELS + WHOLE],
    ],
    ids=["one", "url", "head", "end", "one and a half", "three at once", "three of two kinds"],
)
def test_requests_are_answered_in_whatever_pieces_they_arrive(
    mock: FtMock, pieces: list[bytes]
) -> None:
    count = b"".join(pieces).count(b" HTTP/1.1")
    with connect(mock) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < count or not received.endswith(b"}"):
            received += connection.recv(65536)

    kinds = [b"chat.completion" in each for each in received.split(b"HTTP/1.1 ")[1:]]
    assert kinds == [b"POST" in each for each in b"".join(pieces).split(b" HTTP/1.1")[:-1]]


def test_a_client_that_keeps_chatting_is_not_cut(mock: FtMock) -> None:
    end = time.monotonic() + 4 * PATIENCE + 1
    with connect(mock) as connection:
        while time.monotonic() < end:
            connection.sendall(WHOLE)
            assert status(connection) == b"200"
            time.sleep(PATIENCE / 4)


@pytest.mark.parametrize("expect", [b"", b"expect: 100-continue\r\n"])
def test_a_server_that_takes_its_time_cuts_no_connection(mock: FtMock, expect: bytes) -> None:
    mock.fault({"delay": 2 * PATIENCE + 1}, path="/chat/completions", times=1)
    with connect(mock) as connection:
        connection.sendall(POST + expect + b"content-length: %d\r\n\r\n" % len(CHAT))
        if expect:
            assert status(connection) == b"100"
        connection.sendall(CHAT)

        assert status(connection) == b"200"


def test_nothing_stays_half_open_for_thirty_seconds() -> None:
    assert hosting.PATIENCE + hosting.TICKS / 10 < 30
