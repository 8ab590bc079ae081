"""What people wait for by the clock: the README's main command, and a model that is gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from time import perf_counter

from ftrunner.engine.waiting import Schedules
from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.bench.processes import PROGRAM
from tests.bench.table import Row, add
from tests.kit.driver import KEY

SPECS = Path(__file__).parents[2] / "specs"
ROUNDS = 3
MOST_OF_TRAINING = 1.5
"""Commit d1508d6 took 3.9 s, of which 2.6 s were training, rehearsed at its pace."""
MOST_OF_PATIENCE = 0.05


def seconds(folder: Path, *arguments: str, code: int = 0) -> float:
    start = perf_counter()
    environment = {**os.environ, "OPENAI_API_KEY": KEY}
    done = subprocess.run((*PROGRAM, *arguments), cwd=folder, env=environment, capture_output=True)
    assert done.returncode == code, done.stderr.decode()
    return perf_counter() - start


def copied(folder: Path, base_url: str | None = None) -> Path:
    shutil.copytree(SPECS / "data", folder / "data")
    text = (SPECS / "stories.yaml").read_text(encoding="utf-8")
    address = f"base_url: {base_url}\n" if base_url else ""
    (folder / "stories.yaml").write_text(address + text, encoding="utf-8")
    return folder


def test_the_main_command(tmp_path: Path) -> None:
    tries = [rehearsed(tmp_path / str(number)) for number in range(ROUNDS)]

    whole, training = min(tries)
    rivals = f"its training alone {training:.1f} s"
    what = "`apply stories.yaml --mock`"
    add(Row(what, f"{whole:.1f} s", rivals, whole / training, at_most=MOST_OF_TRAINING))


def rehearsed(folder: Path) -> tuple[float, float]:
    """Seconds of the whole command, and from its job's creation to the job's success."""
    folder.mkdir()
    whole = seconds(copied(folder), "apply", "stories.yaml", "--mock")
    [log] = folder.glob(".ftrunner/rehearsal/stories/openai/runs/*/events.jsonl")
    events = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    at = {event["event"]: event["at"] for event in events}
    return whole, at["job_succeeded"] - at["job_created"]


def test_a_model_that_is_gone(tmp_path: Path) -> None:
    """It passed its tests before: only a model that has just been trained may need its time."""
    with MockServer(Settings(speed=1e6)) as server:
        folder = copied(tmp_path, server.base_url)
        seconds(folder, "apply", "stories.yaml", "--yes")
        gone = {"method": "POST", "path": "/chat/completions", "times": 100}
        FtMock(server.origin).fault({"status": 404}, **gone)
        took = seconds(folder, "test", "stories.yaml", "--ask-again", code=1)

    patience = sum(Schedules().first_answer)
    rivals = f"the patience after training {patience:.0f} s"
    what = "`test` of a model that is gone"
    add(Row(what, f"{took:.1f} s", rivals, took / patience, at_most=MOST_OF_PATIENCE))
