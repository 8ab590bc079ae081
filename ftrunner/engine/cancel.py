"""Cancelling the running job, on request."""

from __future__ import annotations

from ftrunner.api.errors import ApiError
from ftrunner.engine.context import Run
from ftrunner.engine.records import updated
from ftrunner.errors import StateError
from ftrunner.events import JobStatusChanged


def cancel(run: Run, *, records: bool = True) -> str:
    """Cancel the recorded job and, unless another process does, record it; the job's id.

    Raises StateError where there is no job, or none that runs any more.
    """
    job = run.journal.record.job
    if job is None:
        raise StateError("there is no job to cancel", code="FT411")
    if job.state.is_final:
        raise StateError(f"{job.id} is over: {job.status}", code="FT412")
    latest = run.client.cancel_job(job.id)
    if records:
        run.journal.job_changed(updated(job, latest))
    run.emit(JobStatusChanged(job.id, latest.status, str(latest.state)))
    return job.id


def has_ended(run: Run, job_id: str) -> bool:
    """Whether the provider says that the job is over, so that there was nothing to cancel."""
    try:
        return run.client.retrieve_job(job_id).state.is_final
    except ApiError:
        return False
