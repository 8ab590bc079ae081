"""Worker processes for large datasets."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

# Below this a pool takes longer to start than the work takes.
WORTH_A_POOL = 8 * 1024 * 1024


@contextmanager
def workers(size: int) -> Iterator[Executor | None]:
    """An executor for `size` bytes: a process for each core, or None for few bytes."""
    cores = _cores()
    if size < WORTH_A_POOL or cores < 2:
        yield None
        return
    with ProcessPoolExecutor(cores, context(), initializer=_leave_interrupts_alone) as pool:
        yield pool


def _leave_interrupts_alone() -> None:
    """^C goes to every process of the terminal; the one that has workers ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _cores() -> int:
    """Cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def context() -> multiprocessing.context.BaseContext:
    """How workers start. Forked ones start at once, but a process with threads forks unsafely."""
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    alone = threading.active_count() == 1
    return multiprocessing.get_context("fork" if can_fork and alone else "spawn")
