"""What it takes to count the tokens of a large file exactly, beside the shortest program that does.

The bounds are three quarters of what commit d1508d6 took, held through the bare loop below. Of
100 MB, in one run on two cores, medians of seven rounds in turn:

| | by the clock | of the processors | memory |
| --- | --- | --- | --- |
| bare loop | 2.85 s | 2.75 s | 125 MB |
| d1508d6 | 2.36 s, 0.83 of the loop's | 4.26 s, 1.55 | 291 MB, 2.33 |
| bound | 0.62 | 1.16 | 1.75 |

Memory is the proportional set size (PSS) of all processes together: forked workers share the pages
of one vocabulary, which the machine holds once. A sum of resident sizes has them once per worker.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.bench.dataset.checking import cores, peak_memory
from tests.bench.dataset.making import beginning
from tests.bench.processes import PROGRAM, took
from tests.bench.table import Row, add

SIZE = 100_000_000
ROUNDS = 5
BY_THE_CLOCK, OF_PROCESSORS, OF_MEMORY = 0.62, 1.16, 1.75
_BARE_LOOP = """
import json, sys
from bpe_openai import _bindings
count = _bindings.tokenizer_for_encoding("o200k_base").count
tokens = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        for message in json.loads(line)["messages"]:
            tokens += count(message["content"])
"""


def commands(data: Path) -> list[list[str]]:
    """Ours and the bare loop."""
    path = str(beginning(data, SIZE))
    counting = ["data", "check", path, "--model", "gpt-4o-mini", "--tokens", "exact"]
    return [[*PROGRAM, *counting], [sys.executable, "-c", _BARE_LOOP, path]]


def test_time_of_exact_tokens(data: Path) -> None:
    is_quiet = os.getloadavg()[0] < cores()
    rounds = [[took(command) for command in commands(data)] for _ in range(ROUNDS)]

    (work, time), (bare_work, bare_time) = (
        map(median, zip(*each, strict=True)) for each in zip(*rounds, strict=True)
    )
    # A loaded machine has no second core for a worker.
    most = BY_THE_CLOCK if is_quiet else None
    add(_row("`data check`, 100 MB with exact tokens", time, bare_time, most))
    add(_row("… processor time", work, bare_work, OF_PROCESSORS))


def _row(what: str, ours: float, bare: float, bound: float | None) -> Row:
    rival = f"json.loads and the tokenizer on one core {bare:.2f} s"
    return Row(what, f"{ours:.2f} s", rival, ours / bare, at_most=bound)


def test_memory_of_exact_tokens(data: Path) -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("this system does not say how much of a process's memory is shared")
    ours, bare = map(peak_memory, commands(data))

    rival = f"the same {bare / 1e6:.0f} MB"
    add(Row("… memory", f"{ours / 1e6:.0f} MB", rival, ours / bare, at_most=OF_MEMORY))
