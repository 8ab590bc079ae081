"""Whole processes side by side: the median of each over several rounds, run in turn."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 9
BARE = (sys.executable, "-c", "pass")
# The console script as pip writes it, without the finder of an editable install in between.
PROGRAM = (
    sys.executable,
    "-c",
    "import sys; from ftrunner.cli.main import main; main(sys.argv[1:])",
)


def medians(commands: Mapping[str, Sequence[str]], cwd: Path | None = None) -> dict[str, float]:
    """Seconds of processor time that each command takes, after one round that is not counted.

    Another program on the machine disturbs it less than the clock.
    """
    rounds = [
        {name: took(command, cwd)[0] for name, command in commands.items()}
        for _ in range(ROUNDS + 1)
    ]
    return {name: median(each[name] for each in rounds[1:]) for name in commands}


def ratio(command: Sequence[str], rival: Sequence[str] = BARE, cwd: Path | None = None) -> float:
    """How many times longer `command` takes than `rival`, by the clock."""
    rounds = [(took(command, cwd)[1], took(rival, cwd)[1]) for _ in range(ROUNDS)]
    return median(ours for ours, _ in rounds) / median(theirs for _, theirs in rounds)


def took(command: Sequence[str], cwd: Path | None = None) -> tuple[float, float]:
    """Seconds of processor time, and by the clock."""
    # As after an installation: a shell may forbid the compiled modules that make a start quick.
    kept = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, cwd=cwd, env=kept, capture_output=True, check=True)
    seconds, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, seconds


def resident(pid: int, field: str) -> int:
    """A figure of a process, such as VmHWM, its peak, in bytes.

    `getrusage` would count the process that started it, too.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)
