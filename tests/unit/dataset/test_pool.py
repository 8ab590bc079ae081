from __future__ import annotations

import multiprocessing
import os
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import pytest

from ftrunner.dataset import pool, scan
from ftrunner.dataset.check import Settings
from ftrunner.dataset.formats import Format


def test_work_that_waits_is_not_begun_once_it_is_broken_off() -> None:
    given: list[Future[None]] = []

    with pytest.raises(KeyboardInterrupt):
        _break_off(given)

    assert sum(each.cancelled() for each in given) > 100
    assert all(each.done() for each in given)


def _break_off(given: list[Future[None]]) -> None:
    with pool.executor(2) as executor:
        given += [executor.submit(time.sleep, 0.005) for _ in range(200)]
        raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are not forked")
def test_forked_workers_share_what_is_slow_to_load() -> None:
    """In a process without threads: with them, workers are not forked."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_share, args=(there,))
    process.start()
    there.close()
    method, kept = here.recv()
    process.join()

    assert (method, kept) == ("fork", 1)


def _share(there: Connection) -> None:
    """Send how a worker starts, and how many checkers it has before it did anything."""
    pool._cores = lambda: 2
    with pool.workers(Settings(Format.CHAT, images=7)) as reading:
        kept = cast(partial[object], reading).args[0].submit(_checkers_kept).result()
    there.send((pool.context().get_start_method(), kept))


def _checkers_kept() -> int:
    return scan.checker.cache_info().currsize


def _begin(here: Connection) -> None:
    """What the process does that will be killed: it has workers, prints their ids, and waits."""
    with ProcessPoolExecutor(2, pool.context(), initializer=pool.begin_work) as executor:
        here.send({executor.submit(os.getpid).result() for _ in range(50)})
        here.recv()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_with_the_process_that_started_them() -> None:
    here, there = multiprocessing.Pipe()
    parent = multiprocessing.get_context("spawn").Process(target=_begin, args=(there,))
    parent.start()
    workers = here.recv()
    assert all(map(_runs, workers))

    parent.kill()
    parent.join()

    end = time.monotonic() + 10
    while any(map(_runs, workers)) and time.monotonic() < end:
        time.sleep(0.01)
    assert [worker for worker in workers if _runs(worker)] == []


def _runs(process: int) -> bool:
    """Whether a process is there; one that ended and waits to be reaped is not."""
    try:
        status = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return False
    return status.rpartition(b")")[2].split()[0] != b"Z"
