"""A whole check in its own process, and what it took."""

from __future__ import annotations

import os
import subprocess
import sys
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
report = check_dataset(Spec(Path("s.yaml"), "s", "", Dataset((sys.argv[1],))), profile)
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


def check(path: Path) -> Took:
    """Check a file that must have no findings."""
    done = subprocess.run(
        [sys.executable, "-c", _CHECK, path], capture_output=True, encoding="utf-8", check=True
    )
    seconds, processor, own, worker = map(float, done.stdout.split())
    return Took(seconds, processor, own + worker * cores())


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
