"""Cancelling the running job, on request."""

from __future__ import annotations

from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.records import updated
from ftrunner.engine.jobs.waiting import RECORD, read
from ftrunner.errors import StateError
from ftrunner.events import JobCancelled, JobStatusChanged, JobUnconfirmed
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobRecord


def cancel(run: Run, *, records: bool = True) -> str:
    """Cancel the recorded job and, unless another process does, record it; the job's id.

    Raises StateError where there is no job, where it is in doubt whether there is one, and where
    it runs no more; what the provider says of it is recorded then, too.
    """
    job = _to_cancel(run)
    latest, too_late = _cancelled(run, job.id)
    if records:
        run.journal.job_changed(updated(job, latest))
    run.emit(JobStatusChanged(job.id, latest.status, str(latest.state)))
    for intent in run.journal.record.unanswered:
        run.emit(JobUnconfirmed(intent.until, command=run.command("apply")))
    if too_late:
        raise _over(run, job.id, latest.status, latest.state)
    run.emit(JobCancelled(job.id, "requested"))
    return job.id


def has_ended(run: Run, job_id: str) -> bool:
    """Whether the provider says that the job is over, so that there was nothing to cancel."""
    return _ended(run, job_id) is not None


def _to_cancel(run: Run) -> JobRecord:
    record = run.journal.record
    if record.job_intent is not None:
        raise _in_doubt(run)
    if record.job is None:
        raise StateError(
            f"there is no job to cancel {run.target.where}",
            code="FT411",
            hint=f"{run.command('status')} shows what there is",
        )
    if record.job.state.is_final:
        raise _over(run, record.job.id, record.job.status, record.job.state)
    return record.job


def _cancelled(run: Run, job_id: str) -> tuple[Job, bool]:
    """The job after it was asked to end, and whether that came too late.

    A provider refuses to cancel a job that is over, or answers as if nothing was the matter.
    """
    try:
        latest = read(run.clock, RECORD, lambda: run.client.cancel_job(job_id))
    except ApiError:
        if ended := _ended(run, job_id):
            return ended, True
        raise
    return latest, latest.state.is_final and latest.state is not JobState.CANCELLED


def _ended(run: Run, job_id: str) -> Job | None:
    """The job where the provider says that it is over."""
    try:
        job = run.client.retrieve_job(job_id)
    except ApiError:
        return None
    return job if job.state.is_final else None


def _over(run: Run, job_id: str, status: str, state: JobState) -> StateError:
    hint = f"{run.command('apply', '--retry')} trains again"
    if state is JobState.SUCCEEDED:
        hint = f"{run.command('apply')} goes on with it, {run.command('destroy')} removes its model"
    return StateError(f"{job_id} is over: {status}", code="FT412", hint=hint)


def _in_doubt(run: Run) -> StateError:
    adopt, end = run.command("adopt", "JOB_ID"), run.command("cancel")
    return StateError(
        "the last request for a job is in doubt: it may exist, and nothing was cancelled",
        code="FT408",
        hint=f"{run.command('apply')} finds out, and trains. To end it instead, look at the "
        f"provider's own job list: {adopt} and {end} if the job is there, "
        f"{run.command('forget')} if it is not",
    )
