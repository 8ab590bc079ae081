"""Cancelling the running job, on request."""

from __future__ import annotations

from dataclasses import replace

from ftrunner.engine.context import Run
from ftrunner.errors import StateError
from ftrunner.events import JobStatusChanged
from ftrunner.providers.profile import JobState


def cancel(run: Run) -> str:
    """Cancel the recorded job and record it; the job's id.

    Raises StateError where there is no job, or none that runs any more.
    """
    job = run.journal.record.job
    if job is None:
        raise StateError("there is no job to cancel", code="FT411")
    if JobState(job.state).is_final:
        raise StateError(f"{job.id} is over: {job.status}", code="FT412")
    run.evidence.begin()
    latest = run.client.cancel_job(job.id)
    run.journal.job_changed(replace(job, status=latest.status, state=str(latest.state)))
    run.emit(JobStatusChanged(job.id, latest.status, str(latest.state)))
    return job.id
