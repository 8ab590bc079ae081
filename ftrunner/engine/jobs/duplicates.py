"""Two machines, no shared disk: among jobs of one fingerprint one survives, the same for all.

Everyone lists after creating, and again at the first polls, and orders what there is alike
(`adoption.same_inputs`). Whoever sees a duplicate cancels it. The window that remains is a
listing that shows a job later than a few polls.
"""

from __future__ import annotations

from dataclasses import replace

from ftrunner.api.errors import ApiError, AuthenticationFailed, PermissionDenied
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import FINGERPRINT_KEY, RUN_KEY, is_fresh, same_inputs
from ftrunner.engine.jobs.observe import jobs_at, usable
from ftrunner.engine.jobs.outcomes import record_adopted_job
from ftrunner.engine.plan import DesiredState
from ftrunner.events import Noted


def settle(run: Run, wanted: DesiredState, job: Job) -> Job:
    """The one job of these inputs to go on with: `job`, unless another one goes before it.

    The others are cancelled. A job made by `--fresh` stands beside others on purpose, and so does
    one that a person adopted though nothing at the provider says what it was made from.
    Raises AuthenticationFailed and PermissionDenied; other trouble with the looking is told.
    """
    listed = _listed(run, wanted)
    ours = _marked(run, wanted, next((one for one in listed if one.id == job.id), job))
    alike = same_inputs(listed, wanted.fingerprint)
    rivals = [other for other in alike if other.id != job.id and _compete(ours, other)]
    if not rivals:
        return job
    if FINGERPRINT_KEY not in ours.metadata:
        names = ", ".join(rival.id for rival in rivals)
        run.emit(Noted(f"{names}: of the same inputs as {job.id}, which stays", level="warning"))
        return job
    alike = same_inputs((ours, *rivals), wanted.fingerprint)
    first, *others = list(usable(run, alike)) or [job]
    for other in others:
        if not other.state.is_final:
            _cancel(run, other)
    if first.id == job.id:
        return job
    return record_adopted_job(
        run,
        first,
        fingerprint=wanted.fingerprint,
        inputs=wanted.inputs,
        reason="another process started it first",
    )


def _listed(run: Run, wanted: DesiredState) -> list[Job]:
    """The jobs in which a duplicate may be seen."""
    if run.target.profile.lacks("metadata"):  # nothing tells one job's inputs from another's
        return []
    try:
        return jobs_at(run, wanted.fingerprint) or []
    except (AuthenticationFailed, PermissionDenied):
        raise
    except ApiError as error:
        run.emit(Noted(f"could not look for duplicates: {error.message}", level="warning"))
        return []


def _marked(run: Run, wanted: DesiredState, job: Job) -> Job:
    """`job` with the metadata that it was created with, where the provider has not echoed it."""
    recorded = run.journal.record.job
    creator = recorded.run if recorded and recorded.id == job.id else None
    if creator is None or FINGERPRINT_KEY in job.metadata:
        return job
    made_with = {FINGERPRINT_KEY: wanted.fingerprint, RUN_KEY: creator}
    return replace(job, metadata={**job.metadata, **made_with})


def _compete(job: Job, other: Job) -> bool:
    """Whether one of the two is too many."""
    if is_fresh(job) or is_fresh(other):
        return job.metadata.get(RUN_KEY) == other.metadata.get(RUN_KEY)
    return True


def _cancel(run: Run, job: Job) -> None:
    try:
        run.client.cancel_job(job.id)
    except ApiError as error:
        run.emit(Noted(f"duplicate {job.id} not cancelled: {error.message}", level="warning"))
    else:
        run.emit(Noted(f"cancelled {job.id}, a duplicate of the same inputs"))
