"""Wait for a file that the provider still processes; report its errors before a job is created."""

from __future__ import annotations

import re

from ftrunner.api.errors import ApiError
from ftrunner.api.wire import File
from ftrunner.dataset.files.prepared import PreparedStream
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.failure import rows_mentioned
from ftrunner.engine.waiting import read
from ftrunner.errors import GaveUpWaiting, RunFailed
from ftrunner.events import FileProcessing, FindingsReported
from ftrunner.providers.wire_mapping import Readiness

# OpenAI's cookbook: try again some minutes later. Azure's code is DeploymentNotReady.
_NOT_FOUND = re.compile(r"not (be )?found|no such|does ?n[o']t exist|does not exist", re.IGNORECASE)
_NOT_READY = re.compile(r"not[ _]?(yet[ _]?)?ready|still being processed", re.IGNORECASE)


def is_not_ready(error: ApiError, file_id: str | None = None) -> bool:
    """Whether the provider refuses only because a file or a model is not ready yet.

    A file that was uploaded just now, `file_id`, may not be found at first.
    """
    if _NOT_READY.search(f"{error.provider_code} {error.message}"):
        return True
    is_named = file_id is not None and file_id in error.message
    return is_named and _NOT_FOUND.search(error.message) is not None


def await_readable(run: Run, file: File, stream: PreparedStream) -> None:
    """Return once `file`, which holds `stream`, can be trained on.

    Raises RunFailed if the provider rejects the file, GaveUpWaiting after `wait.timeout`.
    """
    started = run.clock.monotonic()
    if file.readiness is Readiness.WAITING:
        run.emit(FileProcessing(file.id))
    for delay in run.schedules.polls(run.random):
        if file.readiness is Readiness.READY:
            return
        if file.readiness is Readiness.FAILED:
            if found := rows_mentioned([file.reason or ""], stream):
                run.emit(FindingsReported(tuple(found)))
            raise RunFailed(
                f"{run.target.profile.title} cannot train on {file.id}: "
                f"{file.reason or 'no cause given'}",
                code="FT376",
                hint="correct the data; `ftrunner validate` may find the cause",
            )
        if run.clock.monotonic() - started > run.spec.wait.timeout:
            raise GaveUpWaiting(
                f"the provider still processes {file.id}",
                code="FT352",
                hint=f"{run.command('apply')} continues waiting",
            )
        run.clock.sleep(delay)
        file = _record(run, file.id)


def _record(run: Run, file_id: str) -> File:
    return read(run.clock, run.schedules.recorded, lambda: run.client.retrieve_file(file_id))
