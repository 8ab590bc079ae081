"""What people wait for by the clock: the README's main command."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from time import perf_counter

from tests.bench.processes import PROGRAM
from tests.bench.table import Row, add

SPECS = Path(__file__).parents[2] / "specs"
ROUNDS = 3
MOST_OF_TRAINING = 1.5
"""Commit d1508d6 took 3.9 s, of which 2.6 s were training, rehearsed at its pace."""


def seconds(folder: Path, *arguments: str) -> float:
    start = perf_counter()
    subprocess.run((*PROGRAM, *arguments), cwd=folder, capture_output=True, check=True)
    return perf_counter() - start


def copied(folder: Path) -> Path:
    shutil.copytree(SPECS / "data", folder / "data")
    shutil.copy(SPECS / "stories.yaml", folder)
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
