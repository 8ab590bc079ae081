"""`/fine_tuning/jobs`: create, list, retrieve, cancel, pause, resume, events, checkpoints."""

from __future__ import annotations

import math
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from mockserver import respond
from mockserver.access import owner_of
from mockserver.body import read_as
from mockserver.events import Checkpoint, Event, checkpoints_at, events_at
from mockserver.exchanges import exchange_of
from mockserver.jobs import change_job, create_job, find_job
from mockserver.provider import Provider
from mockserver.records import Job
from mockserver.rules.job_request import CreateJob
from mockserver.settling import settle
from mockserver.training import TERMINAL, estimated_finish, state_at, trained_tokens

MAX_PAGE = 100
MAX_EVENTS = 1000


class Jobs:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create(self, request: Request) -> Response:
        asked = await read_as(request, CreateJob)
        settle(self._provider)
        return self._document(request, await create_job(self._provider, asked, owner_of(request)))

    async def list(self, request: Request) -> Response:
        page = respond.page_of(
            self._provider.store.jobs,
            request,
            owner_of(request),
            default=20,
            maximum=MAX_PAGE,
            labels=respond.metadata_filter(request),
        )
        now = self._provider.clock.now()
        items = [job_document(job, now) for job in page.items]
        return respond.document(respond.listing(items, has_more=page.has_more, ends=False))

    async def retrieve(self, request: Request) -> Response:
        return self._document(request, self._find(request))

    async def cancel(self, request: Request) -> Response:
        return self._change(request, "cancel")

    async def pause(self, request: Request) -> Response:
        return self._change(request, "pause")

    async def resume(self, request: Request) -> Response:
        return self._change(request, "resume")

    async def events(self, request: Request) -> Response:
        found = events_at(self._find(request), self._provider.clock.now())[::-1]
        items, has_more = respond.slice_of(
            found, request, default=20, maximum=MAX_EVENTS, id_of=lambda event: event.id
        )
        documents = [event_document(event) for event in items]
        return respond.document(respond.listing(documents, has_more=has_more, ends=False))

    async def checkpoints(self, request: Request) -> Response:
        job = self._find(request)
        found = checkpoints_at(job, self._provider.clock.now())[::-1]
        items, has_more = respond.slice_of(
            found, request, default=10, maximum=MAX_PAGE, id_of=lambda point: point.id
        )
        documents = [checkpoint_document(point, job) for point in items]
        return respond.document(respond.listing(documents, has_more=has_more))

    def _change(self, request: Request, kind: Literal["cancel", "pause", "resume"]) -> Response:
        return self._document(request, change_job(self._provider, self._find(request), kind))

    def _find(self, request: Request) -> Job:
        job_id = request.path_params["fine_tuning_job_id"]
        return find_job(self._provider, job_id, owner_of(request))

    def _document(self, request: Request, job: Job) -> Response:
        document = job_document(job, self._provider.clock.now())
        exchange_of(request).job_status = document["status"]
        headers = {}
        if document["status"] not in TERMINAL:
            headers["openai-poll-after-ms"] = str(math.ceil(self._provider.poll_interval * 1000))
        return respond.document(document, headers=headers)


def job_document(job: Job, now: float) -> dict[str, Any]:
    """The job object as the contract has it, with what the job's fate changes."""
    state = state_at(job, now)
    succeeded = state.status == "succeeded"
    hyperparameters = _shown_hyperparameters(job, state.status)
    document: dict[str, Any] = {
        "object": "fine_tuning.job",
        "id": job.id,
        "model": job.model,
        "created_at": int(job.created_at),
        "finished_at": None if state.finished_at is None else int(state.finished_at),
        "fine_tuned_model": job.tuned_model if succeeded else None,
        "organization_id": "org-mockserver",
        "result_files": [job.result_file] if succeeded else [],
        "status": _STATUS_WORDS.get(state.status, state.status),
        "validation_file": job.validation_file,
        "training_file": job.training_file,
        "hyperparameters": {
            key: value for key, value in hyperparameters.items() if key in _TOP_LEVEL
        },
        "trained_tokens": trained_tokens(job) if succeeded else None,
        "error": _error(state.error),
        "integrations": job.integrations or [],
        "seed": job.seed,
        "estimated_finish": _whole(estimated_finish(job, now)),
        "method": _method(job, hyperparameters),
        "metadata": job.metadata,
        "suffix": job.suffix,
    }
    for status, word in job.fate.status_words.items():
        if state.status == status:
            document["status"] = word
    return {key: value for key, value in document.items() if key not in job.fate.hides}


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
    metrics = point.metrics
    values = {
        "step": metrics.step,
        "train_loss": metrics.train_loss,
        "train_mean_token_accuracy": metrics.train_accuracy,
        "valid_loss": metrics.valid_loss,
        "valid_mean_token_accuracy": metrics.valid_accuracy,
        "full_valid_loss": metrics.full_valid_loss,
        "full_valid_mean_token_accuracy": metrics.full_valid_accuracy,
    }
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": point.id,
        "created_at": int(point.at),
        "fine_tuned_model_checkpoint": point.model,
        "step_number": metrics.step,
        "metrics": {key: value for key, value in values.items() if value is not None},
        "fine_tuning_job_id": job.id,
    }


_TOP_LEVEL = ("n_epochs", "batch_size", "learning_rate_multiplier")
_STATUS_WORDS = {"paused": "queued"}
"""The contract has no word for a paused job: it waits, as a queued one does."""


def _shown_hyperparameters(job: Job, status: str) -> dict[str, Any]:
    """As asked for at first; as used once the files have been read."""
    if status == "validating_files" or job.refusal is not None:
        return {**dict.fromkeys(_TOP_LEVEL, "auto"), **job.requested}
    return job.resolved


def _method(job: Job, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    section: dict[str, Any] = {"hyperparameters": hyperparameters}
    if job.grader is not None:
        section["grader"] = job.grader
    return {"type": job.method, job.method: section}


def _error(refusal: Any) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {"code": refusal.code, "message": refusal.message, "param": refusal.param}


def _whole(moment: float | None) -> int | None:
    return None if moment is None else int(moment)
