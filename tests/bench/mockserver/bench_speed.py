"""How fast the mock server is, beside a yardstick in the same run. `pytest -s` shows figures."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median
from time import perf_counter

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.bench.mockserver.load import requests_per_second

CONNECTIONS = 16
REQUESTS = 4_800
ROUNDS = 5
CHAT = json.dumps(
    {
        "model": "ft:gpt-4o-mini-2024-07-18:personal::benchmrk",
        "messages": [{"role": "user", "content": "Tell me a tale about the whale number 7"}],
    }
).encode()
LINES = [
    {
        "messages": [
            {"role": "user", "content": f"Tell me a tale about the whale number {number}"},
            {"role": "assistant", "content": f"Once the whale number {number} sang."},
        ]
    }
    for number in range(10)
]
TUNED = {
    "files": [{"id": "file-bench", "lines": LINES}],
    "jobs": [
        {
            "id": "ftjob-bench",
            "training_file": "file-bench",
            "fine_tuned_model": "ft:gpt-4o-mini-2024-07-18:personal::benchmrk",
        }
    ],
}


@contextmanager
def served(*command: str, port: int) -> Iterator[str]:
    """A server in its own process, as users have it."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once a request is answered; that the port is open is not enough."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", "/_mock/health")
            connection.getresponse()
        except ConnectionRefusedError:
            time.sleep(0.002)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError(f"nothing answers on {port}")


@pytest.mark.slow
def test_chat_keeps_up_with_a_bare_route() -> None:
    bare_port, mock_port = free_port(), free_port()
    with (
        served("-m", "tests.bench.mockserver.bare", str(bare_port), port=bare_port) as bare,
        served("-m", "mockserver", "--port", str(mock_port), port=mock_port) as mock,
    ):
        FtMock(mock).seed(TUNED)
        rounds = [(chats_per_second(mock), chats_per_second(bare)) for _ in range(ROUNDS)]
    ratio = median(ours / theirs for ours, theirs in rounds)
    print(f"\nchat and bare route, per second: {rounds_shown(rounds)}; median {ratio=:.2f}")
    assert ratio >= 1.4


def chats_per_second(origin: str) -> float:
    return requests_per_second(
        origin, "/v1/chat/completions", CHAT, connections=CONNECTIONS, requests=REQUESTS
    )


def rounds_shown(rounds: list[tuple[float, float]]) -> str:
    return ", ".join(f"{ours:.0f} and {theirs:.0f}" for ours, theirs in rounds)


@pytest.mark.slow
def test_jobs_stay_fast_with_ten_thousand_of_them() -> None:
    with MockServer(Settings(speed=1e6)) as server:
        mock = FtMock(server.origin)
        mock.seed({"files": TUNED["files"], "jobs": jobs(0, 20)})
        few = [seconds(server.origin, path) for path in ("ftjob-7", "?limit=20")]
        for start in range(20, 10_000, 2_000):
            mock.seed({"jobs": jobs(start, min(start + 2_000, 10_000))})
        many = [seconds(server.origin, path) for path in ("ftjob-7", "?limit=20")]

    for name, before, after in zip(("retrieve", "list"), few, many, strict=True):
        print(f"\n{name} job: {before * 1e3:.2f} ms of 20, {after * 1e3:.2f} ms of 10,000")
        assert after < 2 * before + 0.001


def jobs(start: int, stop: int) -> list[dict[str, str]]:
    return [
        {"id": f"ftjob-{number}", "training_file": "file-bench"} for number in range(start, stop)
    ]


def seconds(origin: str, path: str) -> float:
    """The time of the quickest of many requests: what others do on this machine is left out."""
    connection = HTTPConnection(origin.removeprefix("http://"))
    target = f"/v1/fine_tuning/jobs{path if path.startswith('?') else f'/{path}'}"
    spent = []
    for _ in range(50):
        start = perf_counter()
        connection.request("GET", target, headers={"authorization": "Bearer sk-mock"})
        assert connection.getresponse().read()
        spent.append(perf_counter() - start)
    connection.close()
    return min(spent)


@pytest.mark.slow
def test_ready_to_serve_soon_after_its_start() -> None:
    bare = min(startup_of("-c", "pass") for _ in range(5))
    ready = min(time_until_ready() for _ in range(5))

    print(f"\nready: {ready * 1e3:.0f} ms, python alone: {bare * 1e3:.0f} ms, {ready / bare:.1f}x")
    assert ready < 40 * bare


def startup_of(*arguments: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, *arguments], check=True)
    return perf_counter() - start


def time_until_ready() -> float:
    port = free_port()
    start = perf_counter()
    with served("-m", "mockserver", "--port", str(port), port=port):
        return perf_counter() - start
