"""LLMariner: a gRPC service behind a JSON gateway.

Sources: llmariner/job-manager, api/v1/fine_tuning_service.proto and
server/internal/server/fine_tuning.go at 01c0d135a85e, store/job.go at 5b96239486d2. The gateway
writes 64-bit numbers as text, shows unset fields as zeros, and answers errors as
`{code, message, details}`.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.adapted import AdaptedDialect
from mockserver.adapter.dialect import Refusal, section, text
from mockserver.http.respond import document
from mockserver.rules.training_data import DataRules

JOB = "/v1/fine_tuning/jobs/{id}"
_GRPC = {400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 500: 13}
_NUMBERS = ("n_epochs", "batch_size", "learning_rate_multiplier", "beta")
_WORDS = {"validating_files": "queued", "cancelled": "canceled"}
LONGEST_SUFFIX = 18


class LLMariner(AdaptedDialect):
    data_rules = DataRules(source="llmariner/job-manager: the server looks at no line")

    def routes(self) -> list[Route]:
        return [
            Route("/v1/files", self.create_file, methods=["POST"]),
            Route("/v1/files", self.files, methods=["GET"]),
            Route("/v1/files/{id}", self.file, methods=["GET"]),
            Route("/v1/files/{id}", self.pass_through("/files/{id}"), methods=["DELETE"]),
            Route("/v1/fine_tuning/jobs", self.create, methods=["POST"]),
            Route("/v1/fine_tuning/jobs", self.jobs, methods=["GET"]),
            Route(JOB, self.job, methods=["GET"]),
            Route(f"{JOB}/cancel", self.cancel, methods=["POST"]),
            Route("/v1/models", self.pass_through("/models"), methods=["GET"]),
            Route("/v1/models/{id:path}", self.model, methods=["GET", "DELETE"]),
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
        ]

    def error(self, refusal: Refusal) -> Any:
        code = _GRPC.get(refusal.status, 2)
        return {"code": code, "message": refusal.message, "details": []}

    def file_document(self, file: dict[str, Any]) -> dict[str, Any]:
        sizes = {"bytes": str(file["bytes"]), "created_at": str(file["created_at"])}
        return {k: v for k, v in {**file, **sizes}.items() if k not in ("status", "status_details")}

    async def files(self, request: Request) -> Response:
        found = await self.ask(request, "GET", "/files")
        data = [self.file_document(file) for file in found["data"]]
        return document({"object": "list", "data": data})

    async def create(self, request: Request) -> Response:
        body = await self.read(request)
        _check(body)
        method = section(body, "method")
        if method and method.get("type") not in ("supervised", "dpo"):
            raise Refusal(400, f'unsupported method type: "{method.get("type")}"')
        hyperparameters = _numbers(section(body, "hyperparameters"))
        flat = _numbers(section(method, "hyperparameters"))
        kind = method.get("type")
        inner = {
            "training_file": body["training_file"],
            "validation_file": body.get("validation_file") or None,
            "suffix": body["suffix"],
            "seed": body.get("seed"),
            "hyperparameters": hyperparameters if hyperparameters and not kind else None,
            "method": {"type": kind, kind: {"hyperparameters": flat}} if kind else None,
        }
        shown = {
            "model": body["model"],
            "hyperparameters": hyperparameters,
            "method": body.get("method"),
        }
        return document(self._job(await self.create_job(request, inner, shown)))

    async def jobs(self, request: Request) -> Response:
        found = await self.ask(request, "GET", "/fine_tuning/jobs")
        jobs = [self._job(job) for job in found["data"]]
        return document({**found, "data": jobs, "total_items": len(jobs)})

    async def job(self, request: Request) -> Response:
        return document(self._job(await self.find_job(request, id=request.path_params["id"])))

    async def cancel(self, request: Request) -> Response:
        """The job; if it has ended already, it is returned unchanged."""
        job = await self.find_job(request, id=request.path_params["id"])
        if job["finished_at"] is None:
            job = await self.ask(request, "POST", f"/fine_tuning/jobs/{job['id']}/cancel")
        return document(self._job(job))

    def _job(self, job: dict[str, Any]) -> dict[str, Any]:
        kept = self.original(job)
        error = job["error"] or {}
        return {
            "id": job["id"],
            "object": "fine_tuning.job",
            "created_at": str(job["created_at"]),
            "finished_at": str(job["finished_at"] or 0),
            "error": {"code": "", "message": error["message"], "param": ""} if error else None,
            "fine_tuned_model": self.model_of(job) or "",
            "hyperparameters": kept.get("hyperparameters") or None,
            "method": kept.get("method"),
            "model": kept["model"],
            "organization_id": "default",
            "result_files": [],
            "status": _WORDS.get(job["status"], job["status"]),
            "trained_tokens": 0,
            "training_file": job["training_file"],
            "validation_file": job["validation_file"] or "",
            "integrations": [],
            "seed": job.get("seed"),
            "project_id": "default",
            "kubernetes_namespace": "default",
            "cluster_id": "mock",
            "resources": {"gpu_count": 1},
        }

    def model_of(self, job: Any) -> str | None:
        return job["fine_tuned_model"] and (
            f"ft:{self.original(job)['model']}:{job.get('user_provided_suffix')}-{job['id'][-10:]}"
        )

    async def model(self, request: Request) -> Response:
        name = request.path_params["id"]
        if request.method == "GET" and not name.startswith("ft:"):
            self.key(request)
            return document({"id": name, "object": "model", "owned_by": "system", "created": "0"})
        job = await self.find_job(request, model=name)
        if request.method == "DELETE":
            await self.ask(request, "DELETE", f"/models/{job['fine_tuned_model']}")
            return document({"id": name, "object": "model", "deleted": True})
        await self.ask(request, "GET", f"/models/{job['fine_tuned_model']}")
        about = {"id": name, "object": "model", "owned_by": "user", "created": "0"}
        return document(about)

    async def complete(self, request: Request) -> Response:
        body = await self.read(request)
        if not str(body.get("model")).startswith("ft:"):
            return await self.chat_with_base(request, body)
        job = await self.find_job(request, model=str(body.get("model")))
        return await self.chat(request, body, job["id"])


def _check(body: dict[str, Any]) -> None:
    for name, words in (("model", "model"), ("training_file", "training file"),
                        ("suffix", "suffix")):  # fmt: skip
        text(body, name, words)
    if len(body["suffix"]) > LONGEST_SUFFIX:
        raise Refusal(400, "suffix is too long")


def _numbers(asked: dict[str, Any]) -> dict[str, Any]:
    """The int32 and double fields; protobuf's JSON accepts only numbers."""
    for name, value in asked.items():
        if name in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Refusal(
                400, f'proto: syntax error: invalid value for int32 field {name}: "{value}"'
            )
    return asked


DIALECT = LLMariner
