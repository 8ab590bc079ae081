"""Two machines, no shared disk: among jobs of one fingerprint one survives, the same for all.

Everyone lists after creating, and again at the first polls, and orders what there is alike:
succeeded before active, then by (created_at, id). Whoever sees a duplicate cancels it. The window
that remains is a listing that shows a job later than a few polls.
"""

from __future__ import annotations

from ftrunner.api.errors import ApiError, NotFound
from ftrunner.api.wire import Job
from ftrunner.engine.adoption import FINGERPRINT_KEY, FRESH_PREFIX, RUN_KEY, candidates, losers
from ftrunner.engine.context import Run
from ftrunner.engine.plan import Wanted
from ftrunner.engine.records import job_record
from ftrunner.events import JobAdopted, Noted


def settle(run: Run, wanted: Wanted, job: Job) -> Job:
    """The one job of these inputs to go on with: `job`, unless another one goes before it.

    The others are cancelled. A job made by `--fresh` stands beside others on purpose.
    """
    if run.client.profile.lacks("job_listing") or _is_fresh(job):
        return job
    try:
        listed = list(run.client.list_jobs({FINGERPRINT_KEY: wanted.fingerprint}))
    except NotFound:
        return job
    except ApiError as error:
        run.emit(Noted(f"could not look for duplicates: {error.message}", level="warning"))
        return job
    rivals = [other for other in listed if not _is_fresh(other)]
    found = candidates(rivals, fingerprint=wanted.fingerprint, inputs=wanted.inputs, intent=None)
    for loser in losers(found):
        _cancel(run, loser.job)
    if not found or found[0].job.id == job.id:
        return job
    return _go_over(run, wanted, found[0].job)


def _go_over(run: Run, wanted: Wanted, job: Job) -> Job:
    run.journal.job_created(job_record(job, wanted, run_id=job.metadata.get(RUN_KEY) or run.id))
    run.emit(JobAdopted(job.id, job.status, "another process started it first"))
    return job


def _cancel(run: Run, job: Job) -> None:
    try:
        run.client.cancel_job(job.id)
    except ApiError as error:
        run.emit(Noted(f"duplicate {job.id} not cancelled: {error.message}", level="warning"))
    else:
        run.emit(Noted(f"cancelled {job.id}, a duplicate of the same inputs"))


def _is_fresh(job: Job) -> bool:
    return (job.metadata.get(RUN_KEY) or "").startswith(FRESH_PREFIX)
