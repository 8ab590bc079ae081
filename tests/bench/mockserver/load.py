"""A light load generator: raw HTTP on keep-alive connections, in this process."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from time import perf_counter
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class _Connection(asyncio.Protocol):
    """Sends one request after another and counts whole answers."""

    def __init__(self, request: bytes, times: int, done: asyncio.Future[None]) -> None:
        self._request = request
        self._left = times
        self._done = done
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, body = self._received.partition(b"\r\n\r\n")
        if not mark or not _is_whole(head, body):
            return
        assert head.startswith(b"HTTP/1.1 200"), self._received
        self._received = b""
        self._left -= 1
        if self._left:
            self._transport.write(self._request)
        else:
            self._transport.close()
            self._done.set_result(None)


def _is_whole(head: bytes, body: bytes) -> bool:
    length = _LENGTH.search(head)
    return body.endswith(b"0\r\n\r\n") if length is None else len(body) >= int(length[1])


def requests_per_second(
    origin: str, path: str, body: bytes, *, connections: int, requests: int
) -> float:
    """How many of these POST requests a second the server at `origin` answers."""
    address = urlsplit(origin)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {address.netloc}\r\nauthorization: Bearer sk-mock\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )

    async def run() -> float:
        loop = asyncio.get_running_loop()
        waits = [loop.create_future() for _ in range(connections)]
        start = perf_counter()
        for done in waits:
            connect = partial(_Connection, head.encode() + body, requests // connections, done)
            await loop.create_connection(connect, address.hostname or "", address.port or 80)
        await asyncio.gather(*waits)
        return requests / (perf_counter() - start)

    return asyncio.run(run())
