"""Worker processes that check large files: each takes a range of lines at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice

from ftrunner.dataset.check import Settings
from ftrunner.dataset.files.prepared import StreamHasher
from ftrunner.dataset.files.reader import (
    BLOCK,
    DataFile,
    plain_size,
    read_blocks,
    read_pieces,
    read_range,
)
from ftrunner.dataset.scan import (
    Reading,
    WorkerEndedError,
    checker,
    state_of,
    with_few_blank_lines,
)
from ftrunner.dataset.totals.block_stats import BlockStats, merged

# Ranges that wait for workers, or their tallies for those before: a bound on memory.
_AHEAD = 16
_RANGE = 16 * BLOCK


@contextmanager
def workers(settings: Settings) -> Iterator[Reading | None]:
    """How files are read with a worker for each core; None where there is one core.

    A vocabulary takes 80 MB: forked workers share the one that is loaded here.
    """
    cores = _cores()
    if cores < 2:
        yield None
        return
    if context().get_start_method() == "fork":
        checker(settings)
    with executor(cores) as pool:
        yield partial(by_workers, pool)


@contextmanager
def executor(processes: int) -> Iterator[Executor]:
    """So many workers. Where the work is broken off, by ^C for example, what waits is not begun."""
    with ProcessPoolExecutor(processes, context(), initializer=begin_work) as pool:
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


def by_workers(
    pool: Executor, file: DataFile, settings: Settings, hashers: Sequence[StreamHasher]
) -> Iterator[BlockStats]:
    """Ranges are checked while the file is hashed here; their tallies come in file order.

    Raises ReadError, BlankLinesError and WorkerEndedError.
    """
    try:
        yield from _tallies(pool, file, settings, hashers)
    except BrokenExecutor as error:
        raise WorkerEndedError from error


def _tallies(
    pool: Executor, file: DataFile, settings: Settings, hashers: Sequence[StreamHasher]
) -> Iterator[BlockStats]:
    ranges = (
        pool.submit(check_range, file, start, start + _RANGE, settings) for start in _starts(file)
    )
    waiting = deque(islice(ranges, _AHEAD))
    for _ in _added(file, hashers):
        while waiting and waiting[0].done():
            waiting.extend(islice(ranges, 1))
            yield waiting.popleft().result()
    while waiting:
        waiting.extend(islice(ranges, 1))
        yield waiting.popleft().result()


def _added(file: DataFile, hashers: Sequence[StreamHasher]) -> Iterator[None]:
    """Add the file to `hashers`, piece by piece, or only its size where that is enough."""
    if all(hasher.takes_size for hasher in hashers):
        size = plain_size(file)
        for hasher in hashers:
            hasher.add_size(size)
        return
    by_line = any(hasher.takes_lines for hasher in hashers)
    read: Callable[..., Iterator[bytes | memoryview]] = read_blocks if by_line else read_pieces
    for data in read(file):
        for hasher in hashers:
            hasher.add(data)
        yield


def _starts(file: DataFile) -> range:
    return range(0, state_of(file)[0], _RANGE)


def check_range(file: DataFile, start: int, end: int, settings: Settings) -> BlockStats:
    """Check the lines that begin in a range of a file; what a worker does.

    Raises ReadError and BlankLinesError.
    """
    tallies = map(checker(settings).block, read_range(file, start, end))
    return merged(with_few_blank_lines(tallies))
