"""Look at the provider for a job or a file with the same content before anything is created."""

from __future__ import annotations

from ftrunner.api.errors import NotFound
from ftrunner.api.wire import File, Job
from ftrunner.engine.checks.preflight import is_gone, is_surely_gone
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import FINGERPRINT_KEY, same_inputs, uploaded_by
from ftrunner.engine.plan import DesiredState, Observed
from ftrunner.engine.waiting import look, may_lag
from ftrunner.errors import StateError
from ftrunner.events import AdoptionLimited, JobModelGone
from ftrunner.providers.profile import JobState
from ftrunner.providers.serving import ServingKind
from ftrunner.state.lock import FileIntent


def observe(run: Run, wanted: DesiredState) -> Observed:
    """The job to adopt, or which recorded files are gone."""
    jobs = _listed(run)
    if jobs is None:
        run.emit(AdoptionLimited("job_listing"))
    elif run.target.profile.lacks("metadata"):
        run.emit(AdoptionLimited("metadata"))
    job = _usable(run, same_inputs(jobs or (), wanted.fingerprint))
    missing = frozenset[str]() if job else _missing_files(run, wanted)
    return Observed(job=job, missing_files=missing, listed=tuple(jobs or ()))


def jobs_at(run: Run, fingerprint: str | None = None) -> list[Job] | None:
    """The jobs that the provider lists; None if the profile or the spec says that it lists none.

    With `fingerprint`, jobs of these inputs, perhaps among others. Raises NotFound if the list
    itself is missing; that never means "no jobs".
    """
    profile = run.client.profile
    if profile.lacks("job_listing"):
        return None
    if fingerprint is None or profile.lacks("metadata"):
        return list(run.client.list_jobs())
    return list(run.client.list_jobs({FINGERPRINT_KEY: fingerprint}))


def _listed(run: Run) -> list[Job] | None:
    """All jobs, unfiltered: a filter might hide a job whose metadata the server did not store."""
    try:
        return jobs_at(run)
    except NotFound as error:
        raise _no_list(run, error) from error


def _no_list(run: Run, error: NotFound) -> StateError:
    profile = run.target.profile
    lacking = ", ".join(sorted({*profile.missing, "job_listing"}))
    return StateError(
        f"cannot check whether a job with these inputs exists; no job was created: {error.message}",
        code="FT420",
        hint="try again after an outage, or correct a wrong `base_url`. Only if this server never "
        "lists jobs, say so in the spec: `missing: [job_listing]`, or for every spec in "
        f".ftrunner/providers/{profile.name}.yaml: `missing: [{lacking}]`",
    )


def _usable(run: Run, jobs: tuple[Job, ...]) -> Job | None:
    """The first of `jobs` that can be adopted. A model tuned just now may not be visible yet."""
    if not jobs:
        return None
    found = look(
        run.clock,
        run.schedules.tuned_model,
        lambda: next((job for job in jobs if is_usable(run, job)), None),
    )
    if found is None:
        for job in jobs:
            run.emit(JobModelGone(job.id))
    return found


def is_usable(run: Run, job: Job) -> bool:
    """Whether the job can be adopted; a succeeded job only if its model exists."""
    if job.state is not JobState.SUCCEEDED or not names_model(run):
        return True
    try:
        return has_model(run, job.fine_tuned_model or named_model(run, job))
    except NotFound as error:
        if may_lag(error):
            return False
        raise


def names_model(run: Run) -> bool:
    """Whether a succeeded job names its model; some providers create a model from the job."""
    return run.target.profile.serving.kind is not ServingKind.CREATE_MODEL


def named_model(run: Run, job: Job) -> str | None:
    """The tuned model's name from the job retrieved by id; a list may leave it out."""
    return run.client.retrieve_job(job.id).fine_tuned_model


def has_model(run: Run, model: str | None) -> bool:
    """If the server has no model endpoint, trust the job: a wrong guess would start a paid job."""
    if model is None:
        return False
    try:
        run.client.retrieve_model(model)
    except NotFound as error:
        return not is_surely_gone(error, model)
    return True


def _missing_files(run: Run, wanted: DesiredState) -> frozenset[str]:
    """The recorded files that a new job would use and that no longer exist."""
    files = run.journal.record.files
    needed = [files[s].id for s, h in wanted.streams.items() if s in files and files[s].sha256 == h]
    return frozenset(file_id for file_id in needed if not has_file(run, file_id))


def stored_file(run: Run, intent: FileIntent) -> File | None:
    """The file with this name and size, if the provider has it.

    None from a server that lists no files: sending a file again costs nothing.
    """
    try:
        return uploaded_by(intent, run.client.list_files())
    except NotFound:
        return None


def has_file(run: Run, file_id: str) -> bool:
    """If the server has no file endpoint, trust the record."""
    try:
        run.client.retrieve_file(file_id)
    except NotFound as error:
        return not is_gone(error)
    return True
