"""Look at a job without being the writer of its record: from the run log, or from the provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ftrunner.api.wire import Job
from ftrunner.clock import Clock
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.follow import Follower
from ftrunner.engine.jobs.seen import recent_events
from ftrunner.engine.secrecy import redact_event
from ftrunner.events import Emit
from ftrunner.state.lock import JobRecord

_PAUSE = 1.0  # seconds between two looks at a log


def watch_at_provider(run: Run, emit: Emit, job_id: str) -> Job:
    """Follow the job to its end and record nothing: another process does.

    Raises as `Follower.follow` does.
    """
    follower = Follower(
        go_on=run.command("status", "--watch"),
        client=run.client,
        clock=run.clock,
        emit=lambda event: emit(redact_event(event, run.client.redactor)),
        wait=run.spec.wait,
        on_change=lambda _: None,
        resolve_duplicates=lambda job: job,
        may_be_missing=sum(run.schedules.recorded),
        intervals=run.schedules.polls(run.random),
    )
    return follower.follow(run.client.retrieve_job(job_id))


def watch_log(
    runs: Path,
    recorded: Callable[[], JobRecord | None],
    is_at_work: Callable[[], bool],
    emit: Emit,
    clock: Clock,
) -> bool:
    """Follow the job of a rehearsal by the log of the process that has its provider.

    Returns whether the job came to its end; without that process it does not.
    """
    shown = 0
    while (job := recorded()) is not None:
        seen = recent_events(runs, job.id)
        for _, event in seen[shown:]:
            emit(event)
        if job.state.is_final:
            return True
        if len(seen) <= shown and not is_at_work():
            return False
        shown = max(shown, len(seen))
        clock.sleep(_PAUSE)
    return False
