"""Several specs at a time: one line of progress each, one exit code for all."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from ftrunner.cli import output
from ftrunner.cli.applying import Wish, apply_spec
from ftrunner.cli.world import World
from ftrunner.clock import SystemClock
from ftrunner.errors import ExitCode, FtrunnerError, gravest
from ftrunner.events import Noted


def apply_at_once(specs: Sequence[Path], wish: Wish, *, workers: int, as_json: bool) -> ExitCode:
    """Apply `workers` specs at a time. A failure does not stop the others; ^C stops all.

    Nobody is asked anything meanwhile: new jobs need `--yes` or a budget.
    """
    clock = StoppableClock()
    errors: list[tuple[Path, FtrunnerError]] = []
    with output.lanes(specs, as_json=as_json) as lane, ThreadPoolExecutor(workers) as pool:

        def one(path: Path) -> ExitCode:
            emit = lane(path)

            def tell(error: FtrunnerError) -> ExitCode:
                emit(Noted(error.message, level="error"))
                errors.append((path, error))
                return error.exit_code

            return apply_spec(path, wish, World(clock=clock), emit, tell)

        codes = _codes(pool, clock, [pool.submit(one, path) for path in specs])
    for path, error in errors:
        output.report(error, as_json=as_json, spec=path)
    return gravest(codes)


class StoppableClock(SystemClock):
    """The machine's clock, whose sleepers can be interrupted from another thread.

    A signal reaches the main thread alone; the others sleep nearly all of the time.
    """

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._why: type[KeyboardInterrupt] = KeyboardInterrupt

    def stop(self, interrupt: KeyboardInterrupt) -> None:
        """From now on whoever sleeps is interrupted as by `interrupt`."""
        self._why = type(interrupt)
        self._stopped.set()

    def sleep(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise self._why


def _codes(
    pool: ThreadPoolExecutor, clock: StoppableClock, futures: Sequence[Future[ExitCode]]
) -> list[ExitCode]:
    try:
        return [future.result() for future in futures]
    except KeyboardInterrupt as interrupt:
        clock.stop(interrupt)
        pool.shutdown(cancel_futures=True)
        ended = [future.result() for future in futures if not future.cancelled()]
        return [*ended, ExitCode.INTERRUPTED] if len(ended) < len(futures) else ended
