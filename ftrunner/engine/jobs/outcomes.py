"""Recording what was found at the provider in place of what would have been created."""

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
    """Record `file` as what the upload was for; one that was there before is not ours to delete."""
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
    """Record `job` as that of `inputs`; the job in full, of which lists may tell less.

    `run_id` is the run that is known to have created it; else its metadata tells.
    """
    whole = read(run.clock, RECORD, lambda: run.client.retrieve_job(job.id))
    creator = run_id or whole.metadata.get(RUN_KEY)
    run.journal.job_adopted(job_record(whole, run=creator, fingerprint=fingerprint, inputs=inputs))
    run.emit(JobAdopted(whole.id, whole.status, reason))
    return whole
