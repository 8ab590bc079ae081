"""Recover unconfirmed requests: look at the provider for what they created, never guess.

A run repeats a request only if its result did not appear in time; for a job it keeps looking even
then. If the provider cannot be asked, or several objects match, the run stops and names the
commands that resolve it.
"""

from __future__ import annotations

from dataclasses import replace

from ftrunner.api.errors import NotFound
from ftrunner.api.wire import File, Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import Candidates, created_by
from ftrunner.engine.jobs.duplicates import DuplicateWatch
from ftrunner.engine.jobs.observe import jobs_at, stored_file
from ftrunner.engine.jobs.records import record_adopted_job, record_uploaded_file
from ftrunner.engine.steps.deploy import find_orphan
from ftrunner.engine.waiting import look
from ftrunner.errors import StateError
from ftrunner.events import DeploymentFound, JobUnconfirmed, Recovering
from ftrunner.state.lock import FileIntent, JobIntent, JobRecord, ResourceIntent, ResourceRecord


def recover(run: Run) -> Job | None:
    """Recover every unconfirmed request in the record; returns the job if one is found.

    Raises StateError if that is not possible, and any ApiError.
    """
    record, waits = run.journal.record, run.schedules
    if record.file_intent:
        run.emit(Recovering("file", sum(waits.unconfirmed)))
        recover_file(run, record.file_intent)
    if record.resource_intent:
        run.emit(Recovering(record.resource_intent.noun, sum(waits.resource)))
        recover_resource(run, record.resource_intent)
    if record.job_intent:
        run.emit(Recovering("job", sum(waits.unconfirmed)))
        return recover_job(run, record.job_intent)
    return look_again(run) if record.open_intents else None


def recover_file(run: Run, intent: FileIntent) -> File | None:
    """The file of an unconfirmed upload, recorded; None if it must be sent again."""
    file = look(run.clock, run.schedules.unconfirmed, lambda: stored_file(run, intent))
    if file is None:
        run.journal.no_file_created()
    else:
        record_uploaded_file(run, intent, file)
    return file


def recover_resource(run: Run, intent: ResourceIntent) -> None:
    """Record what an unconfirmed request created, even if the spec changed: it may be billed."""
    found = look(run.clock, run.schedules.resource, lambda: find_orphan(run, intent))
    if found is None:
        run.journal.no_resource_created()
    else:
        run.journal.resource_created(ResourceRecord(noun=intent.noun, id=found, job=intent.job))
        run.emit(DeploymentFound(intent.noun, found, unconfirmed=True))


def recover_job(run: Run, intent: JobIntent) -> Job | None:
    """The job of an unconfirmed request, recorded whatever its status; None if it is not there.

    It may still appear, so the intent stays open for a day.
    """
    found = Candidates()

    def find() -> tuple[Job, ...]:
        nonlocal found
        found = created_by(intent, _all_jobs(run), _known(run, intent))
        return found.created

    look(run.clock, run.schedules.unconfirmed, find)
    if job := _only(run, found):
        return _record(run, intent, job)
    until = intent.at + run.schedules.late_creation
    run.journal.job_unconfirmed(replace(intent, until=until))
    run.emit(JobUnconfirmed(until, command=None))
    return None


def look_again(run: Run) -> Job | None:
    """Look for jobs that appeared since: of unconfirmed requests, and duplicates.

    Returns the job to continue with if that is another one than before.
    """
    record, now = run.journal.record, run.clock.now()
    if record.job:
        return _without_duplicates(run, record.job)
    jobs = _all_jobs(run) if record.unconfirmed_jobs else []
    for intent in record.unconfirmed_jobs:
        if job := _only(run, created_by(intent, jobs, _known(run, intent))):
            return _record(run, intent, job)
    run.journal.close_intents(now)
    return None


def _without_duplicates(run: Run, recorded: JobRecord) -> Job | None:
    """The job to continue with instead of the recorded one, if any; duplicates are cancelled."""
    watch = DuplicateWatch(run, fingerprint=recorded.fingerprint, inputs=recorded.inputs)
    first = watch.look(Job(recorded.id, recorded.status, recorded.state))
    return None if first.id == recorded.id else first


def _only(run: Run, found: Candidates) -> Job | None:
    """The job that the request created. Raises StateError if only a person can decide."""
    if found.echoed or len(found.fitting) == 1:
        return found.created[0]
    if several := (*found.fitting, *found.unclear):
        names = ", ".join(f"{job.id} ({job.status})" for job in several)
        raise _unresolved(run, f"it may be {'any of ' if several[1:] else ''}{names}")
    return None


def _record(run: Run, intent: JobIntent, job: Job) -> Job:
    return record_adopted_job(
        run,
        job,
        run_id=intent.run,
        fingerprint=intent.fingerprint,
        inputs=intent.inputs,
        reason="its creation was never confirmed",
    )


def _known(run: Run, intent: JobIntent) -> set[str]:
    recorded = run.journal.record.job
    return {*intent.known, *([recorded.id] if recorded else [])}


def _all_jobs(run: Run) -> list[Job]:
    """All jobs, unfiltered: a filter might hide a job whose metadata the server did not store."""
    try:
        jobs = jobs_at(run)
    except NotFound as error:
        raise _unresolved(run, error.message) from error
    if jobs is None:
        raise _unresolved(run, "the provider lists no jobs")
    return jobs


def _unresolved(run: Run, why: str) -> StateError:
    return StateError(
        f"cannot check whether the last requested job exists: {why}",
        code="FT408",
        hint=f"look at the provider's job list; then {run.command('adopt', 'JOB_ID')} if the "
        f"job exists, or {run.command('forget')} if it does not",
    )
