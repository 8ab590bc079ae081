"""Two gigabytes go in through `/files`, and stay out of the server's memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

import pytest

from tests.bench.mockserver.bench_speed import free_port, wait_for
from tests.bench.processes import resident

SIZE = 2 * 1024**3
CHUNK = b"x" * 1024**2
HEAD = (
    b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="big.jsonl"\r\n\r\n'
)
TAIL = b"\r\n--b--\r\n"


def form() -> Iterator[bytes]:
    yield HEAD
    for _ in range(SIZE // len(CHUNK)):
        yield CHUNK
    yield TAIL


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_two_gigabytes_stay_out_of_memory(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "--port", str(port), "--db"]
    with subprocess.Popen([*command, str(tmp_path / "m.db")], stdout=subprocess.DEVNULL) as server:
        wait_for(port)
        before, start = resident(server.pid, "VmRSS"), perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=300)
        headers = {
            "authorization": "Bearer sk-mock",
            "content-type": "multipart/form-data; boundary=b",
            "content-length": str(len(HEAD) + SIZE + len(TAIL)),
        }
        connection.request("POST", "/v1/files", form(), headers)
        answer = connection.getresponse()
        body = answer.read()
        grown, spent = resident(server.pid, "VmHWM") - before, perf_counter() - start
        connection.close()
        server.terminate()

    print(f"\n2 GB in {spent:.1f} s, {grown / 1024**2:.0f} MB more memory at the peak")
    assert answer.status == 200, body
    assert grown < 100 * 1024**2
