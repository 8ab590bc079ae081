"""Together AI's endpoints: a name, and deployments of a model under it.

Source: the official package, together 3.1.1: resources/endpoints/endpoints.py and deployments.py,
types/endpoint.py, types/endpoint_deployment.py, types/deployment_status.py.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.adapted import AdaptedDialect, digest
from mockserver.adapter.dialect import Refusal
from mockserver.answers.judge import JUDGE
from mockserver.data.records import Resource
from mockserver.http.respond import document
from mockserver.jobs.events import Checkpoint

SLUG = "mock-project"
ENDPOINTS = "/v2/projects/{project}/endpoints"
DEPLOYMENTS = f"{ENDPOINTS}/{{endpoint}}/deployments"


class TogetherEndpoints(AdaptedDialect):
    """The part of the dialect from a finished job to an answer."""

    @abstractmethod
    def object_of(self, job: dict[str, Any]) -> str:
        """The id of a job's model in the registry."""

    def object_of_checkpoint(self, point: Checkpoint) -> str:
        """The id of a checkpoint's model in the registry."""
        return f"ml_{digest(point.id)[:20]}"

    def endpoint_routes(self) -> list[Route]:
        return [
            Route(ENDPOINTS, self.create_endpoint, methods=["POST"]),
            Route(ENDPOINTS, self.endpoints, methods=["GET"]),
            Route(f"{ENDPOINTS}/{{endpoint}}", self.endpoint, methods=["GET", "DELETE"]),
            Route(DEPLOYMENTS, self.create_deployment, methods=["POST"]),
            Route(DEPLOYMENTS, self.deployments, methods=["GET"]),
            Route(f"{DEPLOYMENTS}/{{id}}", self.deployment, methods=["GET", "DELETE"]),
        ]

    async def create_endpoint(self, request: Request) -> Response:
        owner = self.owner(request)
        body = await self.read(request)
        if not body.get("name"):
            raise Refusal(400, "name is required")
        name = f"{SLUG}/{body['name']}"
        if any(kept.data["name"] == name for kept in self.all(request, "endpoint")):
            raise Refusal(409, f"The endpoint {name} exists.")
        tag = digest(f"{owner}{name}{self.provider.clock.now()}")[:16]
        project = request.path_params["project"]
        kept = self.made(owner, "endpoint", f"ep_{tag}", name=name, project=project)
        return document(self._endpoint(kept))

    async def endpoints(self, request: Request) -> Response:
        found = self.all(request, "endpoint")
        return document({"data": [self._endpoint(kept) for kept in found]})

    async def endpoint(self, request: Request) -> Response:
        kept = self.found(request, "endpoint", request.path_params["endpoint"])
        if request.method == "GET":
            return document(self._endpoint(kept))
        if [d for d in self.all(request, "deployment") if d.data["endpoint"] == kept.id]:
            raise Refusal(409, "The endpoint still has deployments.")
        self.delete(kept)
        return document({})

    def _endpoint(self, kept: Resource) -> dict[str, Any]:
        made = iso(kept.created_at)
        return {
            "id": kept.id.partition(":")[2],
            "name": kept.data["name"],
            "projectId": kept.data["project"],
            "createdAt": made,
            "updatedAt": made,
            "deployments": [],
            "trafficSplit": [],
            "endpointType": "ENDPOINT_TYPE_DEDICATED",
            "visibility": "VISIBILITY_PRIVATE",
            "etag": digest(kept.id),
        }

    async def create_deployment(self, request: Request) -> Response:
        owner = self.owner(request)
        body = await self.read(request)
        endpoint = self.found(request, "endpoint", request.path_params["endpoint"])
        for name in ("name", "model", "autoscaling"):
            if not body.get(name):
                raise Refusal(400, f"{name} is required")
        minutes = body.get("inactiveTimeout", 0)
        if not isinstance(minutes, int) or not (minutes == 0 or 30 <= minutes <= 1440):
            raise Refusal(400, "inactiveTimeout must be 0, or from 30 to 1440 minutes")
        object_id = str(body["model"]).split("/models/")[-1].partition("/")[0]
        job_id, inner = await self._model_of(request, object_id)
        full = f"{endpoint.data['name']}/{body['name']}"
        about = {"endpoint": endpoint.id, "model": body["model"], "config": body.get("config", "")}
        about["inner"] = inner
        about["inactive"] = str(minutes)
        tag = digest(f"{full}{endpoint.id}")[:16]
        kept = self.made(owner, "deployment", f"dep_{tag}", job_id, name=full, **about)
        return document(self._deployment(kept))

    async def _model_of(self, request: Request, object_id: str) -> tuple[str, str]:
        """The job of a model in the registry, and the model's name in the inner application."""
        for job in await self.all_of(request, "/fine_tuning/jobs"):
            if self.object_of(job) == object_id:
                return str(job["id"]), str(job["fine_tuned_model"])
            for point in self.epochs(request, job["id"]):
                if self.object_of_checkpoint(point) == object_id:
                    return str(job["id"]), point.model
        raise Refusal(404, f"There is no model {object_id}.")

    async def deployments(self, request: Request) -> Response:
        endpoint = self.found(request, "endpoint", request.path_params["endpoint"])
        found = [d for d in self.all(request, "deployment") if d.data["endpoint"] == endpoint.id]
        return document({"data": [self._deployment(kept) for kept in found]})

    async def deployment(self, request: Request) -> Response:
        kept = self.found(request, "deployment", request.path_params["id"])
        if request.method == "DELETE":
            self.delete(kept)
            return document({})
        return document(self._deployment(kept))

    def _deployment(self, kept: Resource) -> dict[str, Any]:
        ready = self.is_ready(kept)
        word = "DEPLOYMENT_STATE_READY" if ready else "DEPLOYMENT_STATE_PROVISIONING"
        made = iso(kept.created_at)
        return {
            "id": kept.id.partition(":")[2],
            "name": kept.data["name"],
            "model": kept.data["model"],
            "config": kept.data["config"],
            "endpointId": kept.data["endpoint"].partition(":")[2],
            "status": {"state": word, "message": "ready" if ready else "starting"},
            "autoscaling": {},
            "inactiveTimeout": int(kept.data.get("inactive", 0)),
            "createdAt": made,
            "updatedAt": made,
            "etag": digest(kept.id),
        }

    async def complete(self, request: Request) -> Response:
        body = await self.read(request)
        name = str(body.get("model"))
        if isinstance(body.get("logprobs"), int):  # a number here, a boolean at OpenAI
            body["logprobs"] = bool(body["logprobs"])
        self.key(request)
        if name == JUDGE or _serverless(name):
            return await self.chat_with_base(request, body)
        if by_hand := await self.deployed_by_hand(request, name):
            return await self.chat_with(request, body, by_hand)
        kept = next((d for d in self.all(request, "deployment") if d.data["name"] == name), None)
        if kept is None:
            text = f"Unable to access non-serverless model {name}. Create a dedicated endpoint."
            raise Refusal(400, text, "model_not_available")
        if not self.is_ready(kept):
            raise Refusal(503, f"The deployment {name} is starting.", "not_ready")
        return await self.chat_with(request, body, kept.data["inner"])


def _serverless(name: str) -> bool:
    """Whether a base model answers without an endpoint; models only for training do not."""
    owner, _, model = name.partition("/")
    return bool(model) and owner != SLUG and "/" not in model and not model.endswith("-Reference")


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
