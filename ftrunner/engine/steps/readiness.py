"""A file that the provider still reads: waited for, so that its faults are told before a job is."""

from __future__ import annotations

from ftrunner.api.wire import File
from ftrunner.engine.context import Run
from ftrunner.engine.polling import delays
from ftrunner.errors import GaveUpWaiting, RunFailed
from ftrunner.events import Noted
from ftrunner.providers.forms import Readiness


def await_readable(run: Run, file: File) -> None:
    """Return once `file` can be trained on.

    Raises RunFailed where the provider found it unfit, GaveUpWaiting after `wait.timeout`.
    """
    started = run.clock.monotonic()
    if file.readiness is Readiness.WAITING:
        run.emit(Noted(f"waiting until {file.id} is read"))
    for delay in delays(run.random):
        if file.readiness is Readiness.READY:
            return
        if file.readiness is Readiness.FAILED:
            raise RunFailed(
                f"{run.target.profile.title} cannot train on {file.id}: "
                f"{file.reason or 'it gives no cause'}",
                code="FT376",
                hint="correct the data; `ftrunner validate` may know more of it",
            )
        if run.clock.monotonic() - started > run.spec.wait.timeout:
            raise GaveUpWaiting(
                f"{file.id} is still being read", code="FT352", hint=f"{run.command('apply')} goes on waiting"
            )
        run.clock.sleep(delay)
        file = run.client.retrieve_file(file.id)
