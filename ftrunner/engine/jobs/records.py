"""Files and jobs of the provider as records of the lock file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ftrunner.api.wire import Job
from ftrunner.state.lock import FileIntent, FileRecord, JobRecord


def file_record(file_id: str, intent: FileIntent, *, run: str | None) -> FileRecord:
    """The record of the file that the upload created, or that existed before."""
    return FileRecord(
        id=file_id,
        filename=intent.filename,
        sha256=intent.sha256,
        bytes=intent.bytes,
        run=run,
    )


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
