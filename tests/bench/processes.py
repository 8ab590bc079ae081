"""Whole processes side by side: the median of each over several rounds, run in turn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 9
BARE = (sys.executable, "-c", "pass")


def ratio(command: Sequence[str], rival: Sequence[str] = BARE, cwd: Path | None = None) -> float:
    """How many times longer `command` takes than `rival`, as medians of one interleaved run."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(_seconds(rival, cwd))
        ours.append(_seconds(command, cwd))
    return median(ours) / median(theirs)


def _seconds(command: Sequence[str], cwd: Path | None) -> float:
    start = perf_counter()
    subprocess.run(command, cwd=cwd, capture_output=True, check=True)
    return perf_counter() - start
