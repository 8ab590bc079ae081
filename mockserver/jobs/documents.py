"""Jobs, events and checkpoints in the form of the contract."""

from __future__ import annotations

from typing import Any

from mockserver.data.records import Job, Refusal
from mockserver.jobs.events import Checkpoint, Event
from mockserver.jobs.training import estimated_finish, state_at, trained_tokens

ORGANISATION_ID = "org-mockserver"
_TOP_LEVEL = ("n_epochs", "batch_size", "learning_rate_multiplier")
_STATUS_WORDS = {"paused": "queued"}
"""The contract has no status for a paused job; it waits like a queued one."""


def job_document(job: Job, now: float) -> dict[str, Any]:
    """The job at `now`, with the status values and without the fields in its outcome."""
    state = state_at(job, now)
    succeeded = state.status == "succeeded"
    hyperparameters = _shown_hyperparameters(job, state.status)
    document: dict[str, Any] = {
        "object": "fine_tuning.job",
        "id": job.id,
        "model": job.model,
        "created_at": int(job.created_at),
        "finished_at": _whole(state.finished_at),
        "fine_tuned_model": job.tuned_model if succeeded else None,
        "organization_id": ORGANISATION_ID,
        "result_files": [job.result_file] if succeeded else [],
        "status": {**_STATUS_WORDS, **job.outcome.status_words}.get(state.status, state.status),
        "validation_file": job.validation_file,
        "training_file": job.training_file,
        "hyperparameters": {
            key: value for key, value in hyperparameters.items() if key in _TOP_LEVEL
        },
        "trained_tokens": trained_tokens(job) if succeeded else None,
        "error": _error(job, state.error),
        "integrations": job.integrations or [],
        "seed": job.seed,
        "estimated_finish": _whole(estimated_finish(job, now)),
        "method": _method(job, hyperparameters),
        "metadata": job.metadata,
        "user_provided_suffix": job.suffix,
        "usage_metrics": None,
        "shared_with_openai": False,
    }
    return {key: value for key, value in document.items() if key not in job.outcome.hides}


def event_document(event: Event) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job.event",
        "id": event.id,
        "created_at": int(event.at),
        "level": event.level,
        "message": event.message,
        "type": event.type,
        "data": event.data,
    }


def checkpoint_document(point: Checkpoint, job: Job) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": point.id,
        "created_at": int(point.at),
        "fine_tuned_model_checkpoint": point.model,
        "step_number": point.metrics.step,
        "metrics": point.metrics.known(),
        "fine_tuning_job_id": job.id,
    }


def _shown_hyperparameters(job: Job, status: str) -> dict[str, Any]:
    """The requested hyperparameters; those used in training once validation has ended."""
    if status == "validating_files" or job.refusal is not None:
        return {**dict.fromkeys(_TOP_LEVEL, "auto"), **job.requested}
    return job.resolved


def _method(job: Job, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    section: dict[str, Any] = {"hyperparameters": hyperparameters}
    if job.grader is not None:
        section["grader"] = job.grader
    return {"type": job.method, job.method: section}


def _error(job: Job, refusal: Refusal | None) -> dict[str, Any] | None:
    """The reason for a failure; for a healthy job the service has sent `{}` since 2024."""
    if refusal is None:
        return None if job.null_error or job.outcome.null_error else {}
    return {"code": refusal.code, "message": refusal.message, "param": refusal.param}


def _whole(moment: float | None) -> int | None:
    return None if moment is None else int(moment)
