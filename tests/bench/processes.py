"""Whole processes side by side: the median of each over several rounds, run in turn.

What counts is processor time: another program on the machine disturbs it less than the clock.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

ROUNDS = 9
BARE = (sys.executable, "-c", "pass")
# The console script as pip writes it, without the finder of an editable install in between.
PROGRAM = (
    sys.executable,
    "-c",
    "import sys; from ftrunner.cli.main import main; main(sys.argv[1:])",
)


def medians(commands: Mapping[str, Sequence[str]], cwd: Path | None = None) -> dict[str, float]:
    """Seconds of the processor that each command takes, after one round that is not counted."""
    rounds = [
        {name: _seconds(command, cwd) for name, command in commands.items()}
        for _ in range(ROUNDS + 1)
    ]
    return {name: median(each[name] for each in rounds[1:]) for name in commands}


def ratio(command: Sequence[str], rival: Sequence[str] = BARE, cwd: Path | None = None) -> float:
    """How many times longer `command` takes than `rival`."""
    took = medians({"ours": command, "theirs": rival}, cwd)
    return took["ours"] / took["theirs"]


def _seconds(command: Sequence[str], cwd: Path | None) -> float:
    # As after an installation: a shell may forbid the compiled modules that make a start quick.
    kept = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, env=kept, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
