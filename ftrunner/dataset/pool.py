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
    """An executor for `size` bytes: a process for each core, or None for few bytes.

    Where the work is broken off, by ^C for example, what waits for a worker is never begun.
    """
    cores = _cores()
    if size < WORTH_A_POOL or cores < 2:
        yield None
        return
    with ProcessPoolExecutor(cores, context(), initializer=begin_work) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def begin_work() -> None:
    """What a worker does first, so that it ends with the process that started it, and only then.

    ^C goes to every process of the terminal; the one that has workers ends them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent sends no message: its end of the queue stays open in other workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _cores() -> int:
    """Cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def context() -> multiprocessing.context.BaseContext:
    """How workers start. Forked ones start at once, but a process with threads forks unsafely."""
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    alone = threading.active_count() == 1
    return multiprocessing.get_context("fork" if can_fork and alone else "spawn")
