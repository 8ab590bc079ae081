"""Other checkers of training data, timed on the same file by the Python they are installed in.

They need not share our environment: `PEERS_PYTHON` names the interpreter that has them, as in

    python -m venv peers && peers/bin/pip install together parallelogram jsonschema
    PEERS_PYTHON=peers/bin/python make bench
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PYTHON = os.environ.get("PEERS_PYTHON", sys.executable)

_TOGETHER = """
from together.lib.utils.files import check_file
def check(path): return check_file(path)["is_check_passed"]
"""
_PARALLELOGRAM = """
import subprocess, sys
from pathlib import Path
program = Path(sys.executable).with_name("parallelogram")
def check(path):
    return subprocess.run([program, "check", path], stdout=subprocess.DEVNULL).returncode in (0, 1)
"""
_JSONSCHEMA = """
import json, jsonschema
from pathlib import Path
validator = jsonschema.Draft202012Validator(json.loads(Path(SCHEMA).read_text()))
def check(path):
    with open(path, encoding="utf-8") as file:
        return all([validator.is_valid(json.loads(line)) for line in file])
"""
_TIMING = """
import os, sys, time, json
from importlib.metadata import version
def processor():
    times = os.times()
    return sum(times[:4])
start, used = time.perf_counter(), processor()
passed = check(sys.argv[1])
print(json.dumps([time.perf_counter() - start, processor() - used, passed, version(PACKAGE)]))
"""
_SCHEMA = Path(__file__).parents[3] / "schemas" / "dataset-chat.schema.json"


@dataclass(frozen=True, slots=True)
class Peer:
    """A checker, and how much of the file it is given: speed hardly depends on that.

    `goal` is how many times as fast we mean to be, `floor` what is demanded on the clock, unless
    others use the cores; they differ where two cores do not reach the goal. `work` is how many
    times as much processor time the peer must take.
    """

    package: str
    program: str
    goal: int
    floor: float
    work: float
    size: int


PEERS = (
    Peer("together", _TOGETHER, goal=5, floor=2, work=1, size=300_000_000),
    Peer("parallelogram", _PARALLELOGRAM, goal=30, floor=10, work=6, size=20_000_000),
    Peer("jsonschema", _JSONSCHEMA, goal=40, floor=40, work=20, size=10_000_000),
)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a peer took, on the clock and of the processor; whether the file passed; which
    version it was.
    """

    seconds: float
    processor: float
    passed: bool
    version: str


def run(peer: Peer, path: Path) -> Timing | None:
    """Time `peer` on `path`; None where it is not installed."""
    names = f"PACKAGE = {peer.package!r}\nSCHEMA = {str(_SCHEMA)!r}\n"
    done = subprocess.run(
        [PYTHON, "-c", names + peer.program + _TIMING, path],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if "ModuleNotFoundError" in done.stderr or "FileNotFoundError" in done.stderr:
        return None
    assert done.returncode == 0, done.stderr
    return Timing(*json.loads(done.stdout.splitlines()[-1]))
