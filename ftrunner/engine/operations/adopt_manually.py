"""Adopt a job by hand: the user says which job belongs to a spec."""

from __future__ import annotations

from ftrunner.api.errors import NotFound
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import FINGERPRINT_KEY, disagreements
from ftrunner.engine.jobs.records import record_adopted_job
from ftrunner.engine.plan import DesiredState
from ftrunner.errors import StateError
from ftrunner.events import AdoptionUnverified, JobLeftRunning
from ftrunner.providers.profile import JobState


def adopt_manually(run: Run, wanted: DesiredState, job_id: str) -> Job:
    """Record the job as the job of the spec's inputs, as far as these can be compared.

    Raises NotFound where the provider has no job with this id, and StateError for a job that
    failed, was cancelled, or visibly has other inputs.
    """
    try:
        job = run.client.retrieve_job(job_id)
    except NotFound as error:
        owned = "" if run.target.is_rehearsal else ", and that the key is of the job's account"
        error.hint = f"check the job's id{owned}"
        raise
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        raise StateError(
            f"{job.id} {job.status}; only a running or succeeded job can be adopted",
            code="FT414",
            hint=f"{run.command('forget')} lets the next {run.command('apply')} start over",
        )
    echoed = job.metadata.get(FINGERPRINT_KEY)
    if echoed != wanted.fingerprint:
        _compare(run, wanted, job, echoed)
    former = run.journal.record.job
    if former and former.id != job.id and not former.state.is_final:
        run.emit(JobLeftRunning(former.id, "replaced"))
    return record_adopted_job(
        run,
        job,
        fingerprint=wanted.fingerprint,
        inputs=wanted.inputs,
        reason="you said that it belongs to this spec",
    )


def _compare(run: Run, wanted: DesiredState, job: Job, echoed: str | None) -> None:
    """Raise if the inputs differ; report if that cannot be verified."""
    differing = disagreements(job, wanted.inputs)
    if echoed or differing:
        raise StateError(
            f"{job.id} was made from other inputs: {', '.join(differing) or 'see its metadata'}",
            code="FT413",
            hint="bring the spec and its data back to what the job was made from, then adopt it",
        )
    run.emit(AdoptionUnverified(job.id))
