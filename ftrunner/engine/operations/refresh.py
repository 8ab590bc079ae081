"""Update the record from the provider without creating anything."""

from __future__ import annotations

from ftrunner.api.errors import NotFound
from ftrunner.engine.checks.preflight import is_gone
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.observe import has_file, has_model
from ftrunner.engine.jobs.records import updated
from ftrunner.events import ObjectMissing


def refresh(run: Run) -> None:
    """Look up the recorded job, model and files; report what is missing, and keep its record."""
    record = run.journal.record
    if record.job:
        try:
            run.journal.job_changed(updated(record.job, run.client.retrieve_job(record.job.id)))
        except NotFound as error:
            if is_gone(error):
                run.emit(ObjectMissing("job", record.job.id))
    for model in {m for m in (_model(run), record.current and record.current.model) if m}:
        if not has_model(run, model):
            run.emit(ObjectMissing("model", model))
    for file in record.files.values():
        if not has_file(run, file.id):
            run.emit(ObjectMissing("file", file.id))


def _model(run: Run) -> str | None:
    job = run.journal.record.job
    return job.model if job else None
