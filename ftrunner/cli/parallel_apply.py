"""Several specs at a time: one line of progress each, one exit code for all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ftrunner.cli.applying import ApplyRequest, NotStarted, apply_task, read_tasks
from ftrunner.cli.output import Output
from ftrunner.cli.wiring import World
from ftrunner.clock import SystemClock
from ftrunner.engine.jobs.interruption import exit_code
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput, gravest
from ftrunner.events import Emit, Noted


def apply_at_once(
    specs: Sequence[Path], request: ApplyRequest, *, workers: int, out: Output
) -> ExitCode:
    """Apply `workers` specs at a time. A failure does not stop the others; ^C stops all.

    No questions are asked meanwhile: new jobs need `--yes` or a budget.
    """
    clock = StoppableClock()
    errors: list[tuple[Path, FtrunnerError]] = []
    with out.runs(specs) as lane:
        codes = _apply(specs, request, clock, lane, errors, workers)
    for path, error in errors:
        if out.is_json or not isinstance(error, NotStarted):  # the board has shown all of it
            out.error(error, path)
    return gravest(codes)


def _apply(
    specs: Sequence[Path],
    request: ApplyRequest,
    clock: StoppableClock,
    lane: Callable[[Path], Emit],
    errors: list[tuple[Path, FtrunnerError]],
    workers: int,
) -> list[ExitCode]:
    """All specs are checked first; only what waits for a provider is in threads."""
    world = World(clock=clock)
    reports = {path: partial(_report, path, lane(path), errors) for path in specs}
    tasks, refused = read_tasks(specs, request, world, lambda path, error: reports[path](error))
    if refused:
        return refused
    with ThreadPoolExecutor(workers) as pool:
        calls = [
            pool.submit(apply_task, task, request, world, lane(path), reports[path])
            for path, task in zip(specs, tasks, strict=True)
        ]
        return _results(pool, clock, calls)


def _report(
    path: Path, emit: Emit, errors: list[tuple[Path, FtrunnerError]], error: FtrunnerError
) -> ExitCode:
    what = "invalid; see below" if isinstance(error, InvalidInput) else error.message
    emit(Noted(what, level="error"))
    errors.append((path, error))
    return error.exit_code


class StoppableClock(SystemClock):
    """The machine's clock, whose sleepers can be interrupted from another thread.

    A signal reaches the main thread alone; the others sleep nearly all of the time.
    """

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._why: type[KeyboardInterrupt] = KeyboardInterrupt

    def stop(self, interrupt: KeyboardInterrupt) -> None:
        """Make every sleeping thread raise `interrupt`."""
        self._why = type(interrupt)
        self._stopped.set()

    def sleep(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise self._why


def _results(
    pool: ThreadPoolExecutor, clock: StoppableClock, futures: Sequence[Future[ExitCode]]
) -> list[ExitCode]:
    try:
        return [future.result() for future in futures]
    except KeyboardInterrupt as interrupt:
        clock.stop(interrupt)
        pool.shutdown(cancel_futures=True)
        ended = [future.result() for future in futures if not future.cancelled()]
        return [*ended, exit_code(interrupt)] if len(ended) < len(futures) else ended
