"""How fast the mock server is, beside a yardstick in the same run. `pytest -s` shows figures."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.bench.mockserver.load import requests_per_second
from tests.bench.processes import resident
from tests.bench.table import Row, add

CONNECTIONS = 16
REQUESTS = 4_800
ROUNDS = 5
TUNED_MODEL = "ft:gpt-4o-mini-2024-07-18:personal::benchmrk"
BARE = ("-m", "tests.bench.mockserver.bare")
MOCK = ("-m", "mockserver", "--port")
CHAT = json.dumps(
    {
        "model": TUNED_MODEL,
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
            "fine_tuned_model": TUNED_MODEL,
        }
    ],
}


def served(*arguments: str, port: int) -> AbstractContextManager[str]:
    """A Python program that serves, in another process, as users have it."""
    return running([sys.executable, *arguments], port)


@contextmanager
def running(command: list[str], port: int) -> Iterator[str]:
    # In a new session: npx starts another process, which must end with it.
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once a request is answered; that the port is open is not enough."""
    deadline = time.monotonic() + 60  # npx may have to install first
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
def test_chats_beside_other_servers(tmp_path: Path) -> None:
    ports = [free_port() for _ in range(3)]
    with ExitStack() as stack:
        bare = stack.enter_context(served(*BARE, str(ports[0]), port=ports[0]))
        mock = stack.enter_context(served(*MOCK, str(ports[1]), port=ports[1]))
        FtMock(mock).seed(TUNED)
        servers = {"ours": mock, "starlette and uvicorn": bare}
        if shutil.which("npx"):
            command = aimock(tmp_path, ports[2])
            servers["aimock"] = stack.enter_context(running(command, ports[2]))
        else:
            print("\nno Node here: aimock is left out")
        rounds = [{n: chats_per_second(o) for n, o in servers.items()} for _ in range(ROUNDS)]

    speeds = {name: median(each[name] for each in rounds) for name in servers}
    rivals = ", ".join(f"{name} {speeds[name]:,.0f}" for name in list(servers)[1:])
    faster = median(each["ours"] / each["starlette and uvicorn"] for each in rounds)
    what, ours = f"mock: chats a second, {CONNECTIONS} connections", f"{speeds['ours']:,.0f}"
    add(Row(what, ours, rivals, faster, at_least=1.4))
    if "aimock" in servers:
        add(Row("… beside aimock", ours, rivals, speeds["ours"] / speeds["aimock"], at_least=1.0))


def aimock(folder: Path, port: int) -> list[str]:
    """The command of a peer written for Node, with one answer to give."""
    answer = {"match": {"userMessage": "whale"}, "response": {"content": "Once the whale sang."}}
    (folder / "chat.json").write_text(json.dumps({"fixtures": [answer]}), encoding="utf-8")
    options = ["-p", str(port), "-f", str(folder), "--log-level", "silent"]
    return ["npx", "--yes", "-p", "@copilotkit/aimock@1.43.0", "llmock", *options]


def chats_per_second(origin: str) -> float:
    return requests_per_second(
        origin, "/v1/chat/completions", CHAT, connections=CONNECTIONS, requests=REQUESTS
    )


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
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_first_chat_soon_after_the_start() -> None:
    """200 ms and 70 MB where starlette with one route takes 89 ms and 30 MB."""
    starts = [(first_chat(*MOCK), first_chat(*BARE)) for _ in range(ROUNDS)]
    ours, theirs = ([min(each) for each in zip(*side)] for side in zip(*starts))  # noqa: B905
    what = "mock: process start to first chat"
    rivals = f"starlette and uvicorn {theirs[0] * 1e3:.0f} ms"
    soon = Row(what, f"{ours[0] * 1e3:.0f} ms", rivals, ours[0] / theirs[0], at_most=2.25)
    rivals = f"starlette and uvicorn {theirs[1] / 1e6:.0f} MB"
    small = Row("… memory", f"{ours[1] / 1e6:.0f} MB", rivals, ours[1] / theirs[1], at_most=2.3)
    add(soon, small)


def first_chat(*command: str) -> tuple[float, int]:
    """Seconds from a server's start to its first answered chat, and its memory then."""
    port, start = free_port(), perf_counter()
    process = subprocess.Popen([sys.executable, *command, str(port)], stdout=subprocess.DEVNULL)
    wait_for(port)
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"authorization": "Bearer sk-mock", "content-type": "application/json"}
    body = CHAT.replace(TUNED_MODEL.encode(), b"gpt-4o-mini")
    connection.request("POST", "/v1/chat/completions", body, headers)
    assert connection.getresponse().status == 200
    spent = perf_counter() - start
    connection.close()
    memory = resident(process.pid, "VmHWM")
    process.terminate()
    process.wait(10)
    return spent, memory
