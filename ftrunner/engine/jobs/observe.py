"""What the provider has of a spec's inputs already, asked before anything is created."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.api.errors import NotFound
from ftrunner.api.wire import Job
from ftrunner.engine.checks.deprecation import is_gone, is_surely_gone
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import FINGERPRINT_KEY, same_inputs
from ftrunner.engine.plan import DesiredState, Observed
from ftrunner.events import Noted
from ftrunner.providers.profile import JobState


def observe(run: Run, wanted: DesiredState) -> Observed:
    """The job of the same inputs to go on with, or else which recorded files are gone."""
    jobs = jobs_of(run, wanted.fingerprint)
    if jobs is None:
        run.emit(Noted("this provider lists no jobs: one of the same inputs cannot be found"))
    elif run.target.profile.lacks("metadata"):
        told = (
            "this provider keeps no metadata: a job of the same inputs cannot be told from others"
        )
        run.emit(Noted(told))
    job = next(usable(run, same_inputs(jobs or (), wanted.fingerprint)), None)
    missing = frozenset[str]() if job else _missing_files(run, wanted)
    return Observed(job=job, missing_files=missing, listed=tuple(jobs or ()))


def jobs_of(run: Run, fingerprint: str) -> list[Job] | None:
    """The jobs that the provider lists for `fingerprint`, others perhaps among them.

    All of them where it keeps no metadata to tell one job's inputs from another's; None where it
    has no such list.
    """
    profile = run.client.profile
    if profile.lacks("job_listing"):
        return None
    asked = None if profile.lacks("metadata") else {FINGERPRINT_KEY: fingerprint}
    try:
        return list(run.client.list_jobs(asked))
    except NotFound:
        return None


def usable(run: Run, jobs: tuple[Job, ...]) -> Iterator[Job]:
    """Those of `jobs` that can be gone on with: a succeeded one only while its model exists."""
    for job in jobs:
        if job.state is not JobState.SUCCEEDED or has_model(run, job.fine_tuned_model):
            yield job
        else:
            run.emit(Noted(f"{job.id} has the same inputs, but its model is gone"))


def has_model(run: Run, model: str | None) -> bool:
    """Where a server does not tell of single models, the job's word stands: another job costs."""
    if model is None:
        return False
    try:
        run.client.retrieve_model(model)
    except NotFound as error:
        return not is_surely_gone(error, model)
    return True


def _missing_files(run: Run, wanted: DesiredState) -> frozenset[str]:
    """The recorded files that a new job would use and that are not there any more."""
    files = run.journal.record.files
    needed = [files[s].id for s, h in wanted.splits.items() if s in files and files[s].sha256 == h]
    return frozenset(file_id for file_id in needed if not has_file(run, file_id))


def has_file(run: Run, file_id: str) -> bool:
    """Where a server does not tell of single files, the record's word stands."""
    try:
        run.client.retrieve_file(file_id)
    except NotFound as error:
        return not is_gone(error)
    return True
