"""`/models`: list, retrieve, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.answers.catalog import BASE_MODELS, BaseModel
from mockserver.answers.models import find_tuned, is_served
from mockserver.data.records import Job
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.errors import WireError, bad_request
from mockserver.jobs.settling import settle
from mockserver.jobs.training import state_at
from mockserver.provider import Provider


class Models:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def list(self, request: Request) -> Response:
        settle(self._provider)
        now, owner = self._provider.clock.now(), owner_of(request)
        tuned = [
            tuned_document(job, job.tuned_model, now)
            for job in self._provider.store.jobs.every(serves="yes")
            if job.owner == owner and is_served(job, now)
        ]
        items = [base_document(model) for model in BASE_MODELS.values()] + tuned
        return respond.document({"object": "list", "data": items})

    async def retrieve(self, request: Request) -> Response:
        name = request.path_params["model"]
        if name in BASE_MODELS:
            return respond.document(base_document(BASE_MODELS[name]))
        job, _ = find_tuned(self._provider, name, owner_of(request))
        return respond.document(tuned_document(job, name, self._provider.clock.now()))

    async def delete(self, request: Request) -> Response:
        name = request.path_params["model"]
        if name in BASE_MODELS:
            raise WireError(
                403,
                f"You have insufficient permissions for this operation: {name} is not yours.",
                code="insufficient_permissions",
            )
        settle(self._provider)
        job, _ = find_tuned(self._provider, name, owner_of(request))
        if name != job.tuned_model:
            raise bad_request(
                f"{name} is a checkpoint; delete {job.tuned_model} instead.", param="model"
            )
        self._provider.store.jobs.replace(replace(job, serves=False, model_deleted=True))
        self._provider.learners.forget()
        return respond.document({"id": name, "object": "model", "deleted": True})


def base_document(model: BaseModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "shutdown_date": model.shutdown_date,
    }


def tuned_document(job: Job, name: str, now: float) -> dict[str, Any]:
    """A tuned model stops on the day its base model does."""
    base = BASE_MODELS.get(job.model)
    return {
        "id": name,
        "object": "model",
        "created": int(state_at(job, now).finished_at or job.created_at),
        "owned_by": job.tuned_model.split(":")[2],
        "shutdown_date": base.shutdown_date if base else None,
    }
