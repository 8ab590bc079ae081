"""What became of a request whose answer was never recorded: asked, not guessed.

Only a definite "not there", after the provider has had time to show it, lets a run go on to
create anything again. Where there is no way to ask, the run stops and names the commands that
resolve it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ftrunner.api.errors import NotFound
from ftrunner.api.wire import File, Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import created_by, uploaded_by
from ftrunner.engine.jobs.observe import jobs_at
from ftrunner.engine.jobs.outcomes import record_adopted_job, record_uploaded_file
from ftrunner.engine.steps.deploy import find_orphan
from ftrunner.errors import StateError
from ftrunner.events import Noted
from ftrunner.state.lock import FileIntent, JobIntent, ResourceIntent, ResourceRecord

# Seconds before each look for what an unanswered request may have created.
LOOKS = (0.0, 1.0, 2.0, 4.0)

T = TypeVar("T")


def resolve(run: Run) -> Job | None:
    """Settle every intent that the record holds; the job, where one had been created.

    Raises StateError where that cannot be done, and any ApiError of the looking.
    """
    record = run.journal.record
    if record.file_intent:
        recover_file(run, record.file_intent)
    if record.resource_intent:
        recover_resource(run, record.resource_intent)
    return recover_job(run, record.job_intent) if record.job_intent else None


def recover_file(run: Run, intent: FileIntent) -> File | None:
    """The file of an unanswered upload, recorded; None where it has to be sent again."""
    file = _look(run, lambda: stored_file(run, intent))
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
    found = _look(run, lambda: find_orphan(run, intent))
    if found is None:
        run.journal.no_resource_created()
    else:
        run.journal.resource_created(ResourceRecord(noun=intent.noun, id=found, job=intent.job))
        run.emit(Noted(f"found the {intent.noun} {found}, whose creation went unanswered"))


def recover_job(run: Run, intent: JobIntent) -> Job | None:
    """The job of an unanswered creation, recorded whatever became of it; None: there is none."""
    recorded = run.journal.record.job
    known = {*intent.known, *([recorded.id] if recorded else [])}

    def find() -> tuple[Job, ...]:
        return created_by(intent, _all_jobs(run), known)

    found = _look(run, find)
    if not found:
        run.journal.no_job_created()
        run.emit(Noted("the job that was asked for and never confirmed does not exist"))
        return None
    if len(found) > 1:
        raise _unresolved(run, f"it may be any of {', '.join(job.id for job in found)}")
    [job] = found
    return record_adopted_job(
        run,
        job,
        run_id=intent.run,
        fingerprint=intent.fingerprint,
        inputs=intent.inputs,
        reason="its creation went unanswered",
    )


def _look(run: Run, find: Callable[[], T]) -> T:
    """What `find` finds, at the latest at the last look; lists lag behind on some servers."""
    for pause in LOOKS[:-1]:
        run.clock.sleep(pause)
        if found := find():
            return found
    run.clock.sleep(LOOKS[-1])
    return find()


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
