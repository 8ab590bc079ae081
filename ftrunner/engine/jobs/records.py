"""Files and jobs of the provider as records of the lock file.

What was found at the provider is recorded as if it had been created.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ftrunner.api.wire import File, Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import RUN_KEY
from ftrunner.engine.waiting import read
from ftrunner.events import FileUploaded, JobAdopted
from ftrunner.state.lock import FileIntent, FileRecord, JobRecord


def job_record(
    job: Job, *, run: str | None, fingerprint: str, inputs: Mapping[str, Any]
) -> JobRecord:
    """The record of `job`, with the inputs it was made from and the run that created it."""
    made = JobRecord(
        id=job.id,
        run=run,
        fingerprint=fingerprint,
        inputs=inputs,
        status=job.status,
        state=job.state,
        created_at=job.created_at,
    )
    return updated(made, job)


def updated(record: JobRecord, job: Job) -> JobRecord:
    """`record` with the job's current status, model and error."""
    return replace(
        record,
        status=job.status,
        state=job.state,
        model=job.fine_tuned_model or record.model,
        trained_tokens=job.trained_tokens or record.trained_tokens,
        error=job.error.message if job.error else None,
    )


def record_uploaded_file(
    run: Run, intent: FileIntent, file: File, *, was_there: bool = False
) -> None:
    """Record `file` as the outcome of the upload; `destroy` keeps a file that existed before."""
    made = FileRecord(
        id=file.id,
        filename=intent.filename,
        sha256=intent.sha256,
        bytes=intent.bytes,
        run=None if was_there else intent.run,
    )
    run.journal.file_created(intent.split, made)
    run.emit(FileUploaded(intent.split, intent.filename, file.id))


def record_adopted_job(
    run: Run,
    job: Job,
    *,
    fingerprint: str,
    inputs: Mapping[str, Any],
    reason: str,
    run_id: str | None = None,
) -> Job:
    """Record `job` as the job of `inputs`; the job as retrieved by id.

    `run_id` is the run that created it; without it the job's metadata is used.
    """
    latest = read(run.clock, run.schedules.recorded, lambda: run.client.retrieve_job(job.id))
    creator = run_id or latest.metadata.get(RUN_KEY)
    run.journal.job_adopted(job_record(latest, run=creator, fingerprint=fingerprint, inputs=inputs))
    run.emit(JobAdopted(latest.id, latest.status, reason))
    return latest
