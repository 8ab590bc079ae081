"""What the provider says of a job, as the lock file keeps it."""

from __future__ import annotations

from ftrunner.api.wire import Job
from ftrunner.engine.plan import Wanted
from ftrunner.state.lock import JobRecord


def job_record(job: Job, wanted: Wanted, *, run_id: str) -> JobRecord:
    """The lock's record of `job`, with the inputs it was made from."""
    return JobRecord(
        id=job.id,
        run=run_id,
        fingerprint=wanted.fingerprint,
        inputs=wanted.inputs,
        status=job.status,
        state=str(job.state),
        created_at=job.created_at,
        model=job.fine_tuned_model,
        trained_tokens=job.trained_tokens,
        error=job.error.message if job.error else None,
    )
