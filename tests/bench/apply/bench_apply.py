"""What safety costs: an apply beside the same requests made with nothing around them.

The requests alone take 14 ms, 10 of them in the mock provider. An apply without what the disk takes
adds 7 to 8 ms of processor time, which go to

| what | ms |
| --- | --- |
| evidence: events, exchanges, files kept, the run's folder | 1.7 |
| the report: what the run left is read again, and the page written | 1.3 |
| the job's 108 events, read and reported once | 0.8 |
| the data, read and checked | 0.8 |
| the lock file, written five times before and after what creates | 0.6 |
| the answer: judged and stored | 0.7 |
| what is checked before paying | 0.5 |
| retries, pace, addresses | 0.4 |
| the two locks against other processes | 0.3 |
| keys to hide, in all their forms, and opening the rest | 0.4 |

They are many and small: without the largest of them the ratio would still be above 1.4.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import requests

from ftrunner.cli.applying import ApplyRequest, ApplyTask, apply_task, read_task
from ftrunner.cli.output import written
from ftrunner.cli.state_paths import places, record
from ftrunner.cli.wiring import World
from ftrunner.clock import SystemClock
from ftrunner.engine.report.report import build_report
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.fsio import Disk, SystemDisk
from ftrunner.render.formats import PAGE
from mockserver.client import FtMock
from tests.bench.mockserver.bench_speed import free_port, wait_for
from tests.bench.table import Row, add
from tests.kit.driver import KEY
from tests.kit.project import Project

SPECS = Path(__file__).parents[3] / "specs"
ROUNDS = 100
BOUND = 1.75  # 1.5 to 1.6 measured; whatever else is at work here makes it more
REPORT_BOUND = 0.15


class Impatient(SystemClock):
    """Real time, without waiting: what is measured is work."""

    def sleep(self, seconds: float) -> None:
        """Nothing to wait for: the server trains instantly."""


WORLD = World(clock=Impatient(), environment={"OPENAI_API_KEY": KEY})


class TimedDisk(SystemDisk):
    """Sums up what is spent on making state durable."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def sync(self, path: Path) -> None:
        self.seconds += seconds(lambda: super(TimedDisk, self).sync(path))

    def rename(self, source: Path, target: Path) -> None:
        self.seconds += seconds(lambda: super(TimedDisk, self).rename(source, target))


@pytest.fixture
def mock() -> Iterator[FtMock]:
    """In its own process: in this one it would wait for the same interpreter."""
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "--port", str(port), "--speed", "1e9"]
    with subprocess.Popen([*command, "--seed", "0"], stdout=subprocess.DEVNULL) as server:
        wait_for(port)
        yield FtMock(f"http://127.0.0.1:{port}")
        server.terminate()


@pytest.fixture
def spec(tmp_path: Path, mock: FtMock) -> Path:
    """The walkthrough's spec, applied at the mock provider."""
    project = Project(tmp_path, {})
    text = (SPECS / "stories.yaml").read_text(encoding="utf-8")
    project.write({"stories.yaml": f"{text}\nbase_url: {mock.base_url}\n"})
    shutil.copytree(SPECS / "data", tmp_path / "data")
    return tmp_path / "stories.yaml"


def test_safety_costs_little(mock: FtMock, spec: Path) -> None:
    """What the disk takes to make state durable is printed, and held apart: it is the disk's.

    Ids come again after a reset, for the seed is fixed: the recorded requests stay right.
    """
    apply(spec)
    requests_made = recorded(spec)
    ours, work, bare, reports = [], [], [], []
    for _ in range(ROUNDS):
        mock.reset()
        forget(spec)
        task, disk = read_task(spec, ApplyRequest(), WORLD), TimedDisk()
        ours.append(seconds(partial(carry_out, task, disk)))
        work.append(ours[-1] - disk.seconds)
        reports.append(seconds(partial(make_report, task)))
        mock.reset()
        bare.append(seconds(lambda: replay(requests_made, spec)))

    print(f"\nwith what the disk takes: {min(ours) * 1000:.0f} ms")
    alone = f"its {len(requests_made)} requests alone {min(bare) * 1000:.0f} ms"
    what = "`apply` of a new job, without waiting for the disk"
    shown = f"{min(work) * 1000:.0f} ms"
    add(Row(what, shown, alone, min(work) / min(bare), at_most=BOUND))
    shown = f"{min(reports) * 1000:.1f} ms"
    add(Row("… its report", shown, alone, min(reports) / min(bare), at_most=REPORT_BOUND))


def seconds(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def apply(spec: Path) -> None:
    carry_out(read_task(spec, ApplyRequest(), WORLD), SystemDisk())


def carry_out(task: ApplyTask, disk: Disk) -> None:
    def report(error: FtrunnerError) -> ExitCode:
        raise error

    assert apply_task(task, ApplyRequest(), replace(WORLD, disk=disk), lambda _: None, report) == 0


def forget(spec: Path) -> None:
    """No answer is stored and no run is past: each round makes the same requests."""
    spec.with_suffix(".lock.json").unlink()
    shutil.rmtree(spec.parent / ".ftrunner")


def make_report(task: ApplyTask) -> None:
    """As the run did at its end."""
    spec, target = task.spec, task.target
    at, known = places(spec, target), record(spec, target)
    written(build_report(spec, target, known, lock=at.lock, runs=at.run_folders), PAGE)


def recorded(spec: Path) -> list[dict[str, Any]]:
    """The requests of the run, from its evidence."""
    [log] = spec.parent.glob(".ftrunner/runs/*/*/requests.jsonl")
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def replay(requests_made: list[dict[str, Any]], spec: Path) -> None:
    """The same once more, one after another, on one connection."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {KEY}"
        for made in requests_made:
            send(session, made, spec).raise_for_status()


def send(session: requests.Session, made: dict[str, Any], spec: Path) -> requests.Response:
    if "form" in made["request"]:
        with (spec.parent / "data" / "turbo35.jsonl").open("rb") as file:
            return session.post(
                made["url"],
                data={"purpose": "fine-tune"},
                files={"file": (made["request"]["form"]["file"]["filename"], file)},
                timeout=10,
            )
    body = made["request"].get("body")
    return session.request(
        made["method"],
        made["url"],
        data=None if body is None else body.encode(),
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
