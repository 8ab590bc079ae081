"""Azure OpenAI: v1 routes, older routes with `api-version`, and Resource Manager.

Sources: MicrosoftDocs/azure-ai-docs, articles/foundry/openai/includes/fine-tuning-rest.md,
how-to/fine-tuning-deploy.md, and the tutorial on fine-tuning for checkpoints and their ids;
BerriAI/litellm pull request 24687 for `pending` and null lists; the `AzureOpenAI` class of
openai-python for the older routes; learn.microsoft.com/rest/api/azureopenai/models/get
(2024-10-21) for base models.
"""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.adapted import FILE_SECONDS, AdaptedDialect, digest, inner_path
from mockserver.adapter.dialect import Refusal, section
from mockserver.answers.catalog import BASE_MODELS, BaseModel
from mockserver.answers.judge import JUDGE
from mockserver.data.records import Resource
from mockserver.http.respond import document
from mockserver.rules.training_data import DataRules

_SUFFIX = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TRAINING_TYPES = ("standard", "globalstandard", "developertier", 1, 2, 3)
_ARM = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices"
    "/accounts/{account}/deployments/{name}"
)
_OPENAI = re.compile(r"^/openai/deployments/[^/]+(?=/chat)|^/openai(/v1)?(?=/)")
JOB = "/fine_tuning/jobs/{id}"


class Azure(AdaptedDialect):
    base_path = "/openai/v1"
    created_status = 201
    data_rules = DataRules(
        source="MicrosoftDocs/azure-ai-docs, fine-tuning-rest.md; azure-skills, dataset-formats.md",
        min_examples=10,
        long_outputs=True,
        images=64,
        alternating=("assistant",),
        special_tokens=False,
    )

    def routes(self) -> list[Route]:
        table = [route for prefix in ("/openai/v1", "/openai") for route in self._under(prefix)]
        chat = "/openai/deployments/{name}/chat/completions"
        return [
            *table,
            Route(chat, self.chat_at_deployment, methods=["POST"]),
            Route(_ARM, self.deploy, methods=["PUT"]),
            Route(_ARM, self.deployment, methods=["GET"]),
            Route(_ARM, self.undeploy, methods=["DELETE"]),
        ]

    def _under(self, prefix: str) -> list[Route]:
        return [
            Route(f"{prefix}/files", self.create_file, methods=["POST"]),
            Route(f"{prefix}/files", self.files, methods=["GET"]),
            Route(f"{prefix}/files/{{id}}", self.file, methods=["GET"]),
            Route(f"{prefix}/files/{{id}}", self.pass_through("/files/{id}"), methods=["DELETE"]),
            Route(f"{prefix}/files/{{id}}/content", self.content),
            Route(f"{prefix}/fine_tuning/jobs", self.create, methods=["POST"]),
            Route(f"{prefix}/fine_tuning/jobs", self.jobs, methods=["GET"]),
            Route(f"{prefix}{JOB}", self.job, methods=["GET"]),
            *(
                Route(f"{prefix}{JOB}/{verb}", self.change, methods=["POST"])
                for verb in ("cancel", "pause", "resume")
            ),
            Route(f"{prefix}{JOB}/events", self.events, methods=["GET", "POST"]),
            Route(f"{prefix}{JOB}/checkpoints", self.checkpoints, methods=["GET", "POST"]),
            Route(f"{prefix}/models/{{id}}", self.model, methods=["GET"]),
            Route(f"{prefix}/models", self.pass_through("/models"), methods=["GET"]),
            Route(f"{prefix}/chat/completions", self.chat_by_name, methods=["POST"]),
        ]

    def openai_path(self, path: str) -> str:
        return _OPENAI.sub("", path)

    def error(self, refusal: Refusal) -> Any:
        return {"error": {"code": str(refusal.code or refusal.status), "message": refusal.message}}

    def key(self, request: Request) -> str:
        key = request.headers.get("api-key", "") or request.query_params.get("api-key", "")
        if not key:
            text = "Access denied due to invalid subscription key or wrong API endpoint."
            raise Refusal(401, text, "401")
        return key

    def _token(self, request: Request) -> None:
        """Resource Manager requires a token; the resource's key does not work."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            text = "Authentication failed. The 'Authorization' header is missing."
            raise Refusal(401, text, "AuthenticationFailed")

    # Files: `pending` until they are `processed`

    async def content(self, request: Request) -> Response:
        """The content of a file; results are plain CSV, not base64."""
        file = await self.ask(request, "GET", inner_path(request, "/files/{id}"))
        answer = await self.pass_through("/files/{id}/content")(request)
        if file["purpose"] == "fine-tune-results" and not self.provider.settings.plain_results:
            return Response(b64decode(answer.body), media_type="text/csv")
        return answer

    def file_document(self, file: dict[str, Any]) -> dict[str, Any]:
        ready = file["created_at"] + FILE_SECONDS / self.provider.settings.speed
        word = "processed" if self.provider.clock.now() >= ready else "pending"
        return {**file, "status": word, "status_details": None}

    # Jobs

    async def create(self, request: Request) -> Response:
        body = await self.read(request)
        training = body.pop("trainingType", None)
        if isinstance(training, str):
            training = training.lower()
        if training is not None and training not in _TRAINING_TYPES:
            raise Refusal(400, f"The trainingType '{training}' is not supported.", "invalidPayload")
        if body.get("suffix") is not None and not _SUFFIX.fullmatch(str(body["suffix"])):
            raise Refusal(400, "The suffix may have 40 characters: a-z A-Z 0-9 - _.",
                          "invalidPayload")  # fmt: skip
        shown = {"model": body.get("model"), "trainingType": training}
        return document(self._job(await self.create_job(request, body, shown)), 201)

    async def jobs(self, request: Request) -> Response:
        found = await self.ask(request, "GET", "/fine_tuning/jobs")
        return document({**found, "data": [self._job(job) for job in found["data"]] or None})

    async def job(self, request: Request) -> Response:
        return document(self._job(await self.ask(request, "GET", inner_path(request, JOB))))

    async def change(self, request: Request) -> Response:
        verb = request.url.path.rpartition("/")[2]
        return document(
            self._job(await self.ask(request, "POST", inner_path(request, f"{JOB}/{verb}")))
        )

    async def events(self, request: Request) -> Response:
        job = await self.ask(request, "GET", inner_path(request, JOB))
        found = await self.ask(request, "GET", inner_path(request, f"{JOB}/events"))
        events = [
            {**event, "message": self.rename_in(job, event["message"])} for event in found["data"]
        ]
        return document({**found, "data": events})

    async def checkpoints(self, request: Request) -> Response:
        job = await self.ask(request, "GET", inner_path(request, JOB))
        found = await self.ask(request, "GET", inner_path(request, f"{JOB}/checkpoints"))
        points = [self._checkpoint(point, job) for point in found["data"]]
        ends = [points[0]["id"], points[-1]["id"]] if points else ["", ""]
        return document({**found, "data": points, "first_id": ends[0], "last_id": ends[1]})

    def _checkpoint(self, point: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
        name = self.rename_in(job, point["fine_tuned_model_checkpoint"])
        return {**point, "id": _checkpoint_id(point), "fine_tuned_model_checkpoint": name}

    def _job(self, job: dict[str, Any]) -> dict[str, Any]:
        word = {"validating_files": "pending"}.get(job["status"], job["status"])
        return {
            **job,
            "status": word,
            "model": self.original(job)["model"],
            "fine_tuned_model": self.model_of(job),
            "metadata": job.get("metadata") or None,
            "organization_id": None,
            "result_files": job["result_files"] or None,
            "integrations": job.get("integrations") or None,
        }

    async def model(self, request: Request) -> Response:
        name = request.path_params["id"]
        if name in BASE_MODELS:
            return document(_base(BASE_MODELS[name]))
        job = await self.find_job(request, model=name)
        about = {
            "id": name,
            "object": "model",
            "status": "succeeded",
            "created_at": job["created_at"],
        }
        return document(
            {**about, "fine_tune": job["id"], "lifecycle_status": "generally-available"}
        )

    # Deployments, and chat by their names

    async def deploy(self, request: Request) -> Response:
        self._token(request)
        body = await self.read(request)
        model = section(section(body, "properties"), "model").get("name")
        if not isinstance(model, str) or not model or not section(body, "sku").get("name"):
            raise Refusal(400, "sku.name and properties.model.name are required.",
                          "InvalidResourceProperties")  # fmt: skip
        owner, job_id, inner = await self._trained(request, model)
        name = request.path_params["name"]
        known = self.provider.store.resources.get_any(f"deployment:{name}")
        if known and known.data["model"] != model and not known.deleted:
            raise Refusal(409, f"The deployment {name} holds another model.", "Conflict")
        if not known or known.deleted:
            self.keep(
                self._deployed(owner, name, job_id, model=model, inner=inner, sku=body["sku"])
            )
        return document(self._deployment(request), 201)

    def _deployed(self, owner: str, name: str, job_id: str, **data: Any) -> Resource:
        """A deployment, owned by the owner of its model; names are unique in the account."""
        now = self.provider.clock.now()
        return Resource(id=f"deployment:{name}", owner=owner, created_at=now, job=job_id, data=data)

    async def _trained(self, request: Request, model: str) -> tuple[str, str, str]:
        """The owner of a model, its job, and its name in the inner application.

        The model may be a tuned model, a checkpoint (by id or name), or a base model, which belongs
        to the account. The token does not identify the owner.
        """
        if model in BASE_MODELS:
            return "", "", model
        for owner in sorted({job.owner for job in self.provider.store.jobs.every()}):
            for job in await self.inner.all(request, "/v1/fine_tuning/jobs", owner=owner):
                if self.model_of(job) == model:
                    return owner, str(job["id"]), job["fine_tuned_model"]
                path = f"/v1/fine_tuning/jobs/{job['id']}/checkpoints"
                for point in await self.inner.all(request, path, owner=owner):
                    inner = point["fine_tuned_model_checkpoint"]
                    if model in (_checkpoint_id(point), self.rename_in(job, inner)):
                        return owner, str(job["id"]), inner
        raise Refusal(400, f"The model '{model}' is not found.", "DeploymentModelNotSupported")

    async def deployment(self, request: Request) -> Response:
        self._token(request)
        return document(self._deployment(request))

    async def undeploy(self, request: Request) -> Response:
        self._token(request)
        self.delete(self.find_any("deployment", request.path_params["name"]))
        return document({}, 200)

    def _deployment(self, request: Request) -> dict[str, Any]:
        kept = self.find_any("deployment", request.path_params["name"])
        state = "Succeeded" if self.is_ready(kept) else "Creating"
        model = {"format": "OpenAI", "name": kept.data["model"], "version": "1"}
        return {
            "id": request.url.path,
            "name": request.path_params["name"],
            "type": "Microsoft.CognitiveServices/accounts/deployments",
            "sku": kept.data["sku"],
            "properties": {"model": model, "provisioningState": state},
            "etag": f'"{digest(kept.id)}"',
        }

    async def chat_by_name(self, request: Request) -> Response:
        body = await self.read(request)
        return await self._chat(request, body, str(body.get("model")))

    async def chat_at_deployment(self, request: Request) -> Response:
        return await self._chat(request, await self.read(request), request.path_params["name"])

    async def _chat(self, request: Request, body: dict[str, Any], name: str) -> Response:
        owner = self.owner(request)
        base_answers = self.provider.settings.base_deployed and name in BASE_MODELS
        if name == JUDGE or base_answers:
            return await self.chat_with_base(request, {**body, "model": name})
        if by_hand := await self.deployed_by_hand(request, name):
            return await self.chat_with(request, {**body, "model": name}, by_hand)
        kept = self.provider.store.resources.get_any(f"deployment:{name}")
        if kept is None or kept.deleted or kept.owner not in ("", owner):
            text = "The API deployment for this resource does not exist."
            raise Refusal(404, text, "DeploymentNotFound")
        if not self.is_ready(kept):
            raise Refusal(404, f"The deployment {name} is not ready.", "DeploymentNotReady")
        return await self.chat_with(request, {**body, "model": name}, kept.data["inner"])


def _base(model: BaseModel) -> dict[str, Any]:
    """A base model, with the dates at which fine-tuning and inference end."""
    ends = model.shutdown_date and int(
        datetime.fromisoformat(model.shutdown_date).replace(tzinfo=UTC).timestamp()
    )
    return {
        "id": model.id,
        "object": "model",
        "status": "succeeded",
        "created_at": model.created,
        "capabilities": {
            "fine_tune": model.tunable,
            "inference": True,
            "completion": False,
            "chat_completion": True,
            "embeddings": False,
        },
        "lifecycle_status": "generally-available",
        "deprecation": {"fine_tune": ends, "inference": ends},
    }


def _checkpoint_id(point: dict[str, Any]) -> str:
    return f"ftchkpt-{digest(point['id'])}"


DIALECT = Azure
