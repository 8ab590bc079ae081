"""Nebius Token Factory: OpenAI's routes with other hyperparameters, and models created from
checkpoints.

Sources: docs.tokenfactory.nebius.com, api-reference/fine-tuning/create-a-fine-tuning-job,
api-reference/models/*; nebius/token-factory-cookbook, post-training/fine-tuning-1/
fine_tune_llama.ipynb for orders, names and the first status.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.adapted import AdaptedDialect, digest, inner_path
from mockserver.adapter.dialect import Refusal, section
from mockserver.answers.judge import JUDGE
from mockserver.data.records import Resource
from mockserver.http.respond import document
from mockserver.ids import derived
from mockserver.rules.training_data import PLAIN, DataRules

JOB = "/v1/fine_tuning/jobs/{id}"
_BASE_MODEL = re.compile(r"[\w.-]+/[\w.-]+")
"""The name of a base model for inference; the name of a tuned model has a colon."""
_DEFAULTS: dict[str, Any] = {
    "batch_size": 8,
    "learning_rate": 1e-5,
    "n_epochs": 3,
    "warmup_ratio": 0,
    "weight_decay": 0,
    "packing": True,
    "max_grad_norm": 1,
    "context_length": 8192,
    "lora": False,
    "lora_r": 8,
    "lora_alpha": 8,
    "lora_dropout": 0,
}
_ALSO = "learning_rate_multiplier"
"""Not in the reference, but in a request of the cookbook, which the service accepts."""
_KNOWN = {
    "model", "training_file", "validation_file", "hyperparameters", "method", "integrations",
    "seed", "suffix", "tags", "extra_body", "from_checkpoint",
}  # fmt: skip


class Nebius(AdaptedDialect):
    data_rules = DataRules(
        source="docs.tokenfactory.nebius.com, post-training/datasets; nebius/token-factory-"
        "cookbook trains lines that end with the user",
        plain=PLAIN,
        ends_with_answer=False,
        ends_with_call=False,
    )

    def routes(self) -> list[Route]:
        return [
            Route("/v1/files", self.create_file, methods=["POST"]),
            Route("/v1/files", self.files, methods=["GET"]),
            Route("/v1/files/{id}", self.file, methods=["GET"]),
            Route("/v1/files/{id}", self.pass_through("/files/{id}"), methods=["DELETE"]),
            Route("/v1/files/{id}/content", self.pass_through("/files/{id}/content")),
            Route("/v1/fine_tuning/jobs", self.create, methods=["POST"]),
            Route("/v1/fine_tuning/jobs", self.jobs, methods=["GET"]),
            Route(JOB, self.job, methods=["GET"]),
            Route(f"{JOB}/cancel", self.cancel, methods=["POST"]),
            Route(f"{JOB}/events", self.events, methods=["GET"]),
            Route(f"{JOB}/checkpoints", self.checkpoints, methods=["GET"]),
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
            Route("/v0/models", self.create_model, methods=["POST"]),
            Route("/v0/models", self.models, methods=["GET"]),
            Route("/v0/models/{name:path}", self.model, methods=["GET"]),
            Route("/v0/models/{name:path}", self.delete_model, methods=["DELETE"]),
        ]

    def error(self, refusal: Refusal) -> Any:
        if refusal.status == 422:
            loc = ["body", *str(refusal.code).split(".")]
            return {"detail": [{"loc": loc, "msg": refusal.message, "type": "value_error"}]}
        return {"detail": refusal.message}

    def file_document(self, file: dict[str, Any]) -> dict[str, Any]:
        return {**file, "status": None}

    async def create(self, request: Request) -> Response:
        body = await self.read(request)
        for name in body:
            if name not in _KNOWN:
                raise Refusal(422, "Extra inputs are not permitted", name)
        asked = _hyperparameters(body)
        inner = {
            "training_file": body.get("training_file"),
            "validation_file": body.get("validation_file"),
            "suffix": body.get("suffix"),
            "seed": body.get("seed"),
            "hyperparameters": {k: asked[k] for k in ("n_epochs", "batch_size")},
        }
        shown = {"model": body.get("model"), "hyperparameters": asked}
        return document(self._job(await self.create_job(request, inner, shown)))

    async def jobs(self, request: Request) -> Response:
        found = await self.ask(request, "GET", "/fine_tuning/jobs")
        return document({**found, "data": [self._job(job) for job in found["data"]]})

    async def job(self, request: Request) -> Response:
        return document(self._job(await self.find_job(request, id=request.path_params["id"])))

    async def cancel(self, request: Request) -> Response:
        path = inner_path(request, "/fine_tuning/jobs/{id}/cancel")
        return document(self._job(await self.ask(request, "POST", path)))

    def _job(self, job: dict[str, Any]) -> dict[str, Any]:
        kept = self.original(job)
        word = {"validating_files": "running"}.get(job["status"], job["status"])
        shown = {k: v for k, v in job.items() if k not in ("metadata", "method")}
        return {
            **shown,
            "status": word,
            "model": kept["model"],
            "hyperparameters": kept.get("hyperparameters", _DEFAULTS),
            "fine_tuned_model": None,
            "trained_steps": None,
            "total_steps": None,
            "tags": None,
        }

    async def events(self, request: Request) -> Response:
        job = await self.find_job(request, id=request.path_params["id"])
        found = await self.all_of(request, f"/fine_tuning/jobs/{job['id']}/events")
        events = [
            {**event, "message": self.rename_in(job, event["message"])}
            for event in found
            if event["type"] == "message"
        ]
        return document({"object": "list", "data": events[::-1], "has_more": False})

    def checkpoint_of(self, job: Any, step: int) -> str:
        return derived("ftckpt_", job["id"], step)

    async def checkpoints(self, request: Request) -> Response:
        found = await self._checkpoints(request, request.path_params["id"])
        return document({"object": "list", "data": found, "has_more": False})

    async def _checkpoints(self, request: Request, job_id: str) -> list[dict[str, Any]]:
        """The checkpoints, oldest first, as in the cookbook."""
        await self.find_job(request, id=job_id)
        return [
            {
                "object": "fine_tuning.job.checkpoint",
                "id": point.id,
                "created_at": int(point.at),
                "fine_tuned_model_checkpoint": None,
                "step_number": point.metrics.step,
                "metrics": point.metrics.known(),
                "fine_tuning_job_id": job_id,
                "result_files": [],
            }
            for point in self.epochs(request, job_id)
        ]

    # Models: created from a checkpoint, validated, then used by the name in the response

    async def create_model(self, request: Request) -> Response:
        body = await self.read(request)
        for name in ("name", "base_model", "source"):
            if not body.get(name):
                raise Refusal(422, "Field required", name)
        owner = self.owner(request)
        job_id, _, checkpoint = str(body["source"]).partition(":")
        await self.find_job(request, id=job_id)
        if checkpoint not in {c["id"] for c in await self._checkpoints(request, job_id)}:
            raise Refusal(400, f"There is no checkpoint {checkpoint}.")
        tag = digest(f"{owner}{body}{len(self.all(request, 'model'))}")[:4]
        full = f"{body['base_model']}-LoRa:{body['name']}-{tag}"
        data = {"base_model": body["base_model"], "source": body["source"]}
        made = self.made(owner, "model", full, job_id, **data)
        return document(self._model(made, created=True))

    async def models(self, request: Request) -> Response:
        return document([self._model(resource) for resource in self.all(request, "model")])

    async def model(self, request: Request) -> Response:
        return document(self._model(self.found(request, "model", request.path_params["name"])))

    async def delete_model(self, request: Request) -> Response:
        gone = self.delete(self.found(request, "model", request.path_params["name"]))
        return document({**self._model(gone, created=True), "status": "deleted"})

    def _model(self, kept: Resource, *, created: bool = False) -> dict[str, Any]:
        found = {
            "name": kept.id.partition(":")[2],
            "status": "active" if self.is_ready(kept) else "validating",
            "created_at": int(kept.created_at),
            "description": None,
        }
        if created:
            return {**found, **kept.data}
        job_id, _, checkpoint = str(kept.data["source"]).partition(":")
        about = {"type": "text2text", "status_reason": None, "vendor": "meta", "tags": ["lora"]}
        return {**found, **about, "job_id": job_id, "checkpoint_id": checkpoint}

    async def complete(self, request: Request) -> Response:
        body = await self.read(request)
        name = str(body.get("model"))
        self.key(request)
        if _BASE_MODEL.fullmatch(name) or name == JUDGE:
            return await self.chat_with_base(request, body)
        try:
            kept = self.found(request, "model", name)
        except Refusal:
            raise Refusal(404, f"The model `{name}` does not exist.") from None
        if not self.is_ready(kept):
            raise Refusal(404, f"The model `{name}` is not active.")
        checkpoint = str(kept.data["source"]).partition(":")[2]
        inner = next(p.model for p in self.epochs(request, kept.job) if p.id == checkpoint)
        return await self.chat_with(request, body, inner)


def _hyperparameters(body: dict[str, Any]) -> dict[str, Any]:
    """The requested hyperparameters, from either key, with defaults for the rest."""
    method = section(body, "method")
    if method and method.get("type") != "supervised":
        raise Refusal(422, "Input should be 'supervised'", "method.type")
    of_method = section(section(method, "supervised"), "hyperparameters")
    asked = of_method or section(body, "hyperparameters")
    for name, value in asked.items():
        if name not in _DEFAULTS and name != _ALSO:
            raise Refusal(422, "Extra inputs are not permitted", f"hyperparameters.{name}")
        if isinstance(value, str):
            text = "Input should be a valid number, unable to parse string as a number"
            raise Refusal(422, text, f"hyperparameters.{name}")
    return {**_DEFAULTS, **asked}


DIALECT = Nebius
