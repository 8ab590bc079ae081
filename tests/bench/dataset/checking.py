"""A whole check in its own process, and what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CHECK = '''
import os, sys, time, resource
from pathlib import Path
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Spec
def peak():
    """Of this process alone: ru_maxrss also knows the memory of the one that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.read_text().partition("VmHWM:")[2].split()[0])
start, used = time.perf_counter(), sum(os.times()[:4])
profile = registry.get("generic")
spec = Spec(Path("s.yaml"), "s", "", Dataset((sys.argv[1],)))
report = check_dataset(spec, profile, hashed=sys.argv[2] == "hashed")
seconds = time.perf_counter() - start
assert not report.findings, report.findings[:3]
own = peak()
worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(seconds, sum(os.times()[:4]) - used, own * 1024, worker * 1024)
'''


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock and of all processors, and the peak memory of all processes together
    in bytes, pages they share counted for each.
    """

    seconds: float
    processor: float
    memory: float


def check(path: Path, *, hashed: bool) -> Took:
    """Check a file that must have no findings: as `data check` does, or `hashed`, as `apply`."""
    done = subprocess.run(
        [sys.executable, "-c", _CHECK, path, "hashed" if hashed else ""],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    seconds, processor, own, worker = map(float, done.stdout.split())
    return Took(seconds, processor, own + worker * cores())


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory(command: Sequence[str]) -> int:
    """The proportional set size of a command and its children at its peak, in bytes, as far as a
    look every few milliseconds sees it. Linux only.
    """
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(_shared_out, _family(process.pid))))
            time.sleep(0.005)
    assert process.returncode == 0
    return peak


def _family(pid: int) -> Iterator[int]:
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in listed.read_text(encoding="ascii").split():
                yield from _family(int(child))


def _shared_out(pid: int) -> int:
    """A process's proportional set size: each page divided by how many processes share it."""
    with suppress(OSError, IndexError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return int(text.partition("\nPss:")[2].split()[0]) * 1024
    return 0  # it has ended
