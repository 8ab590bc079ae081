"""Rows asked as `ftrunner test` asks them, and by a bare loop.

As a program (URL FOLDER ROWS WORKERS) it asks two models, and prints the most bytes in memory.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import requests

from ftrunner.cli import wiring
from ftrunner.cli.loading import load
from ftrunner.cli.options import TargetOptions
from ftrunner.cli.wiring import World
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.contenders import Contender
from ftrunner.engine.steps.measure import measured, readable_sets
from ftrunner.spec.testing import TUNED
from tests.bench.processes import resident

_SPEC = """\
version: 1
name: s
base_url: {url}
model: m
dataset: {{train: train.jsonl}}
tests:
  run: {{concurrency: {workers}}}
  sets:
    tickets:
      file: rows.jsonl
      expect: [{{label: {{in: [billing, technical], is: "{{{{item.answer}}}}"}}}}]
"""


@dataclass(frozen=True)
class Took:
    """What asking took: seconds, seconds of the processor, and the most bytes in memory."""

    seconds: float
    processor: float
    memory: int


def write(folder: Path, url: str, rows: int, workers: int) -> Path:
    """A spec with a set of so many rows."""
    lines = (
        json.dumps({"user": f"I was charged twice for order {n}", "answer": "billing"})
        for n in range(rows)
    )
    (folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "train.jsonl").write_text("", encoding="utf-8")
    path = folder / "s.yaml"
    path.write_text(_SPEC.format(url=url, workers=workers), encoding="utf-8")
    return path


def ask(path: Path, models: Sequence[str] = (TUNED,)) -> None:
    """Ask models every row, with the client, the answer store and the judging of a run."""
    loaded = load(path, TargetOptions(), {})
    world = World(environment={})
    with wiring.open_readonly(loaded.spec, loaded.target(), lambda _: None, world) as run:
        sets = readable_sets(run)
        contenders = [Contender(model, model) for model in models]
        found = measured(run, contenders, sets, Reuse.STORED)
    assert all(one.unmeasured == 0 for one in found.sets["tickets"].values())


def ask_barely(url: str, folder: Path, workers: int) -> None:
    """The same requests from threads with `requests`, and each answer as a line in a file."""
    local = threading.local()
    lock = threading.Lock()
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    with (folder / "bare.jsonl").open("w") as kept, ThreadPoolExecutor(workers) as pool:

        def one(row: dict[str, str]) -> None:
            if not hasattr(local, "session"):
                local.session = requests.Session()
            body = {"model": "m", "messages": [{"role": "user", "content": row["user"]}]}
            answer = local.session.post(f"{url}/chat/completions", json=body, timeout=60).json()
            line = json.dumps(answer["choices"][0]["message"])
            with lock:
                kept.write(f"{line}\n")

        list(pool.map(one, rows))


def took(act: Callable[[], None]) -> Took:
    seconds, processor = perf_counter(), process_time()
    act()
    seconds, processor = perf_counter() - seconds, process_time() - processor
    return Took(seconds, processor, resident(os.getpid(), "VmHWM"))


if __name__ == "__main__":
    url, folder, rows, workers = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])
    spec = write(folder, url, rows, workers)
    print(took(lambda: ask(spec, ("tuned", "base"))).memory)
