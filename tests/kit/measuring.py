"""Coverage is measured in a worker of the suite, and not in what its tests start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def leave_children_out() -> None:
    """In a worker: what its tests start runs inside a worker, too, in other tests, and what
    measures it would be among what it imports.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        for variable in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
            os.environ.pop(variable, None)


@contextmanager
def paused() -> Iterator[None]:
    """Nothing is measured meanwhile."""
    coverage = sys.modules.get("coverage")
    measuring = coverage.Coverage.current() if coverage else None
    if measuring:
        measuring.stop()
    try:
        yield
    finally:
        if measuring:
            measuring.start()
            leave_children_out()  # starting asks for them again
