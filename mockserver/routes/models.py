"""`/models`: list, retrieve, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.answers.catalog import BASE_MODELS, BaseModel
from mockserver.answers.models import find_tuned, is_served, offered
from mockserver.data.records import Job
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.errors import WireError, bad_request
from mockserver.jobs.jobs import ORGANISATION
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
            self._tuned(job, job.tuned_model)
            for job in self._provider.store.jobs.every(serves="yes")
            if job.owner == owner and is_served(job, now)
        ]
        planted = [model for model in self._provider.store.models.every() if model.owner == owner]
        bases = [base_document(model) for model in (*BASE_MODELS.values(), *planted)]
        return respond.document({"object": "list", "data": bases + tuned})

    async def retrieve(self, request: Request) -> Response:
        name = request.path_params["model"]
        base = offered(self._provider, name, owner_of(request))
        if base is not None:
            return respond.document(base_document(base))
        job, _ = find_tuned(self._provider, name, owner_of(request))
        return respond.document(self._tuned(job, name))

    async def delete(self, request: Request) -> Response:
        name, owner = request.path_params["model"], owner_of(request)
        if offered(self._provider, name, owner) is not None:
            raise WireError(
                403,
                f"You have insufficient permissions for this operation: {name} is not yours.",
                code="insufficient_permissions",
            )
        settle(self._provider)
        job, _ = find_tuned(self._provider, name, owner)
        if name != job.tuned_model:
            raise bad_request(
                f"{name} is a checkpoint; delete {job.tuned_model} instead.", param="model"
            )
        self._provider.store.jobs.replace(replace(job, serves=False, model_deleted=True))
        self._provider.learners.forget()
        return respond.document({"id": name, "object": "model", "deleted": True})

    def _tuned(self, job: Job, name: str) -> dict[str, Any]:
        """A tuned model shuts down on the same day as its base model."""
        base = offered(self._provider, job.model, job.owner)
        parts = job.tuned_model.split(":")  # the name may come from fixtures
        return {
            "id": name,
            "object": "model",
            "created": int(state_at(job, self._provider.clock.now()).finished_at or job.created_at),
            "owned_by": parts[2] if len(parts) > 2 else ORGANISATION,
            "shutdown_date": base.shutdown_date if base else None,
        }


def base_document(model: BaseModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "shutdown_date": model.shutdown_date,
    }
