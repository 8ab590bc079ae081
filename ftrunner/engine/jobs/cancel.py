"""Cancel the recorded job."""

from __future__ import annotations

from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.records import updated
from ftrunner.engine.waiting import read
from ftrunner.errors import StateError
from ftrunner.events import JobCancelled, JobStatusChanged, JobUnconfirmed
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobRecord


def cancel(run: Run, *, records: bool = True) -> str:
    """Cancel the recorded job; its id. Without `records` another process records the new status.

    Raises StateError if there is no job, if it is unconfirmed, or if it has ended; the status of
    one that has ended is recorded, too.
    """
    job = _to_cancel(run)
    latest, too_late = cancel_at_provider(run, job.id)
    if records:
        run.journal.job_changed(updated(job, latest))
    run.emit(JobStatusChanged(job.id, latest.status, str(latest.state)))
    for intent in run.journal.record.unconfirmed_jobs:
        run.emit(JobUnconfirmed(intent.until, command=run.command("apply")))
    if too_late:
        raise _over(run, job.id, latest.status, latest.state)
    run.emit(JobCancelled(job.id, "requested"))
    return job.id


def _to_cancel(run: Run) -> JobRecord:
    record = run.journal.record
    if record.job_intent is not None:
        raise _unconfirmed(run)
    if record.job is None:
        raise StateError(
            f"no job to cancel {run.target.where}",
            code="FT411",
            hint=f"{run.command('status')} shows what is recorded",
        )
    if record.job.state.is_final:
        raise _over(run, record.job.id, record.job.status, record.job.state)
    return record.job


def cancel_at_provider(run: Run, job_id: str) -> tuple[Job, bool]:
    """The job after the request to cancel it, and whether it had ended before.

    Some providers refuse to cancel a job that is over; others answer as if it was cancelled now.
    Raises ApiError.
    """
    try:
        latest = read(run.clock, run.schedules.recorded, lambda: run.client.cancel_job(job_id))
    except ApiError:
        if ended := _ended(run, job_id):
            return ended, True
        raise
    return latest, latest.state.is_final and latest.state is not JobState.CANCELLED


def _ended(run: Run, job_id: str) -> Job | None:
    """The job if the provider says that it is over."""
    try:
        job = run.client.retrieve_job(job_id)
    except ApiError:
        return None
    return job if job.state.is_final else None


def _over(run: Run, job_id: str, status: str, state: JobState) -> StateError:
    hint = f"{run.command('apply', '--retry')} trains again"
    if state is JobState.SUCCEEDED:
        hint = (
            f"{run.command('apply')} continues with it, {run.command('destroy')} deletes its model"
        )
    return StateError(f"{job_id} is over: {status}", code="FT412", hint=hint)


def _unconfirmed(run: Run) -> StateError:
    adopt, end = run.command("adopt", "JOB_ID"), run.command("cancel")
    return StateError(
        "the last request for a job is unconfirmed: the job may exist; nothing was cancelled",
        code="FT408",
        hint=f"{run.command('apply')} checks, and trains. To stop it instead, look at the "
        f"provider's job list: {adopt} and {end} if the job exists, "
        f"{run.command('forget')} if it does not",
    )
