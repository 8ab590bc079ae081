"""Record what was found at the provider instead of creating it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftrunner.api.wire import File, Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import RUN_KEY
from ftrunner.engine.jobs.records import file_record, job_record
from ftrunner.engine.jobs.waiting import RECORD, read
from ftrunner.events import FileUploaded, JobAdopted
from ftrunner.state.lock import FileIntent


def record_uploaded_file(
    run: Run, intent: FileIntent, file: File, *, was_there: bool = False
) -> None:
    """Record `file` as the outcome of the upload; `destroy` keeps a file that existed before."""
    creator = None if was_there else intent.run
    run.journal.file_created(intent.split, file_record(file.id, intent, run=creator))
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
    latest = read(run.clock, RECORD, lambda: run.client.retrieve_job(job.id))
    creator = run_id or latest.metadata.get(RUN_KEY)
    run.journal.job_adopted(job_record(latest, run=creator, fingerprint=fingerprint, inputs=inputs))
    run.emit(JobAdopted(latest.id, latest.status, reason))
    return latest
