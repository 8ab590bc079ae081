"""What became of a request whose answer was never recorded: asked, not guessed.

Only where the provider does not show it, though it has had time to, does a run create anything
again; for a job it goes on looking. Where there is no way to ask, or several may be it, the run
stops and names the commands that resolve it.
"""

from __future__ import annotations

from dataclasses import replace

from ftrunner.api.errors import NotFound
from ftrunner.api.wire import File, Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import Candidates, created_by, uploaded_by
from ftrunner.engine.jobs.duplicates import DuplicateWatch
from ftrunner.engine.jobs.observe import jobs_at
from ftrunner.engine.jobs.outcomes import record_adopted_job, record_uploaded_file
from ftrunner.engine.jobs.waiting import (
    LATE_CREATION,
    RESOURCE,
    UNANSWERED,
    look,
)
from ftrunner.engine.steps.deploy import find_orphan
from ftrunner.errors import StateError
from ftrunner.events import DeploymentFound, JobUnconfirmed
from ftrunner.state.lock import FileIntent, JobIntent, JobRecord, ResourceIntent, ResourceRecord


def recover(run: Run) -> Job | None:
    """Settle every intent that the record holds; the job, where one is found now.

    Raises StateError where that cannot be done, and any ApiError of the looking.
    """
    record = run.journal.record
    if record.file_intent:
        recover_file(run, record.file_intent)
    if record.resource_intent:
        recover_resource(run, record.resource_intent)
    if record.job_intent:
        return recover_job(run, record.job_intent)
    return look_again(run) if record.open_intents else None


def recover_file(run: Run, intent: FileIntent) -> File | None:
    """The file of an unanswered upload, recorded; None where it has to be sent again."""
    file = look(run.clock, UNANSWERED, lambda: stored_file(run, intent))
    if file is None:
        run.journal.no_file_created()
    else:
        record_uploaded_file(run, intent, file)
    return file


def stored_file(run: Run, intent: FileIntent) -> File | None:
    """The file of this name and size, where the provider has it.

    A server that lists no files cannot be asked; sending again costs nothing.
    """
    try:
        return uploaded_by(intent, run.client.list_files())
    except NotFound:
        return None


def recover_resource(run: Run, intent: ResourceIntent) -> None:
    """Record what an unanswered creation left, whatever the spec asks for by now: it may cost."""
    found = look(run.clock, RESOURCE, lambda: find_orphan(run, intent))
    if found is None:
        run.journal.no_resource_created()
    else:
        run.journal.resource_created(ResourceRecord(noun=intent.noun, id=found, job=intent.job))
        run.emit(DeploymentFound(intent.noun, found, unconfirmed=True))


def recover_job(run: Run, intent: JobIntent) -> Job | None:
    """The job of an unanswered creation, recorded however it ended; None where it is not there.

    It may still come into being: then the intent stays open for a day.
    """
    found = Candidates()

    def find() -> tuple[Job, ...]:
        nonlocal found
        found = created_by(intent, _all_jobs(run), _known(run, intent))
        return found.ours

    look(run.clock, UNANSWERED, find)
    if job := _only(run, found):
        return _record(run, intent, job)
    until = intent.at + LATE_CREATION
    run.journal.job_unanswered(replace(intent, until=until))
    run.emit(JobUnconfirmed(until, command=None))
    return None


def look_again(run: Run) -> Job | None:
    """Look for jobs that may have shown up since: of unanswered creations, and duplicates.

    Returns the job to go on with where that is another one than before.
    """
    record, now = run.journal.record, run.clock.now()
    if record.job:
        return _settled(run, record.job)
    jobs = _all_jobs(run) if record.unanswered else []
    for intent in record.unanswered:
        if job := _only(run, created_by(intent, jobs, _known(run, intent))):
            return _record(run, intent, job)
    run.journal.close_intents(now)
    return None


def _settled(run: Run, recorded: JobRecord) -> Job | None:
    """The job that goes before the recorded one, where one does; what trains else is cancelled."""
    watch = DuplicateWatch(run, fingerprint=recorded.fingerprint, inputs=recorded.inputs)
    first = watch.look(Job(recorded.id, recorded.status, recorded.state))
    return None if first.id == recorded.id else first


def _only(run: Run, found: Candidates) -> Job | None:
    """The job that the request created. Raises StateError where only a person can tell."""
    if found.echoed or len(found.fitting) == 1:
        return found.ours[0]
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
        reason="its creation went unanswered",
    )


def _known(run: Run, intent: JobIntent) -> set[str]:
    recorded = run.journal.record.job
    return {*intent.known, *([recorded.id] if recorded else [])}


def _all_jobs(run: Run) -> list[Job]:
    """Every job there is: a filter might hide one whose metadata the server did not keep."""
    try:
        jobs = jobs_at(run)
    except NotFound as error:
        raise _unresolved(run, error.message) from error
    if jobs is None:
        raise _unresolved(run, "the provider lists no jobs")
    return jobs


def _unresolved(run: Run, why: str) -> StateError:
    return StateError(
        f"cannot tell whether a job that was asked for exists: {why}",
        code="FT408",
        hint=f"look at the provider's own job list; then {run.command('adopt', 'JOB_ID')} if the "
        f"job is there, or {run.command('forget')} if it is not",
    )
