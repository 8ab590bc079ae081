"""Zhipu BigModel: OpenAI's older form under another base path, with other status values.

Sources: MetaGLM/zhipuai-sdk-python-v4, api_resource/fine_tuning and types/fine_tuning at ccbec4c7
(so the package zhipuai 2.1.5.20250825); docs.bigmodel.cn, guide/tools/fine-tuning, for DPO.
A tuned model answers after it was deployed in the console; `POST /_mock/console/deployments`
simulates that.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.adapted import AdaptedDialect
from mockserver.adapter.dialect import Refusal
from mockserver.answers.judge import JUDGE
from mockserver.data.dataset import read_examples
from mockserver.data.files import find_file
from mockserver.http.respond import document
from mockserver.rules.examples import InvalidFileError
from mockserver.rules.training_data import DataRules

BASE_PATH = "/api/paas/v4"
JOB = f"{BASE_PATH}/fine_tuning/jobs/{{id}}"
_BASE_MODEL = re.compile(r"(chat|char|code)?glm[\w.-]*", re.IGNORECASE)
_WORDS = {"validating_files": "create", "queued": "queueing", "succeeded": "success"}
_METRICS = {
    "train_loss": "loss",
    "valid_loss": "eval_loss",
    "train_mean_token_accuracy": "acc",
    "step": "current_steps",
    "total_steps": "total_steps",
}


class Zhipu(AdaptedDialect):
    base_path = BASE_PATH
    data_rules = DataRules(source="MetaGLM/zhipuai-sdk-python-v4 states no limit")

    chat_extras = frozenset(
        {"request_id", "user_id", "do_sample", "sensitive_word_check", "meta", "extra", "thinking"}
    )

    def routes(self) -> list[Route]:
        files = f"{BASE_PATH}/files"
        return [
            Route(files, self.pass_through("/files"), methods=["GET", "POST"]),
            Route(f"{files}/{{id}}", self.pass_through("/files/{id}"), methods=["DELETE"]),
            Route(f"{files}/{{id}}/content", self.pass_through("/files/{id}/content")),
            Route(f"{BASE_PATH}/fine_tuning/jobs", self.create, methods=["POST"]),
            Route(f"{BASE_PATH}/fine_tuning/jobs", self.jobs, methods=["GET"]),
            Route(JOB, self.job, methods=["GET"]),
            Route(JOB, self.remove, methods=["DELETE"]),
            Route(f"{JOB}/cancel", self.cancel, methods=["POST"]),
            Route(f"{JOB}/events", self.events, methods=["GET"]),
            Route(f"{BASE_PATH}/fine_tuning/fine_tuned_models/{{id}}", self.delete_model,
                  methods=["DELETE"]),
            Route(f"{BASE_PATH}/chat/completions", self.complete, methods=["POST"]),
            Route("/_mock/console/deployments", self.deploy, methods=["POST"]),
        ]  # fmt: skip

    def openai_path(self, path: str) -> str:
        return path.removeprefix(BASE_PATH)

    def error(self, refusal: Refusal) -> Any:
        code = {401: "1002", 404: "1211"}.get(refusal.status, "1210")
        return {"error": {"code": code, "message": refusal.message}}

    async def create(self, request: Request) -> Response:
        body = await self.read(request)
        inner = {
            "training_file": body.get("training_file"),
            "validation_file": body.get("validation_file"),
            "suffix": body.get("suffix"),
            **await self._method(request, body),
        }
        shown = {"model": body.get("model"), "request_id": body.get("request_id")}
        return document(self._job(await self.create_job(request, inner, shown)))

    async def _method(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Supervised training, or DPO if the file has preferences; the request does not say."""
        asked = body.get("hyperparameters")
        if not await self._prefers(request, str(body.get("training_file"))):
            return {"hyperparameters": asked}
        return {"method": {"type": "dpo", "dpo": {"hyperparameters": asked or {}}}}

    async def _prefers(self, request: Request, file_id: str) -> bool:
        file = find_file(self.provider, file_id, self.owner(request), param="training_file")
        path = self.provider.store.blobs.path(file.content)
        try:
            first = next(iter(read_examples(path)), None)
        except InvalidFileError:
            return False
        return isinstance(first, dict) and "preferred_output" in first

    async def jobs(self, request: Request) -> Response:
        found = await self.ask(request, "GET", "/fine_tuning/jobs")
        kept = [job for job in found["data"] if not self.is_deleted(job["id"])]
        return document({**found, "data": [self._job(job) for job in kept]})

    async def remove(self, request: Request) -> Response:
        return document(self._job(await self.delete_job(request, request.path_params["id"])))

    async def job(self, request: Request) -> Response:
        return document(self._job(await self.find_job(request, id=request.path_params["id"])))

    async def cancel(self, request: Request) -> Response:
        path = f"/fine_tuning/jobs/{request.path_params['id']}/cancel"
        return document(self._job(await self.ask(request, "POST", path)))

    def _job(self, job: dict[str, Any]) -> dict[str, Any]:
        kept = self.original(job)
        hidden = ("metadata", "seed", "method", "integrations", "estimated_finish",
                  "user_provided_suffix", "usage_metrics", "shared_with_openai")  # fmt: skip
        return {
            **{k: v for k, v in job.items() if k not in hidden},
            "status": _WORDS.get(job["status"], job["status"]),
            "model": kept["model"],
            "request_id": kept.get("request_id") or job["id"],
            "fine_tuned_model": self.model_of(job),
        }

    async def events(self, request: Request) -> Response:
        job = await self.find_job(request, id=request.path_params["id"])
        found = await self.ask(request, "GET", f"/fine_tuning/jobs/{job['id']}/events")
        events = [
            {**_event(event), "message": self.rename_in(job, event["message"])}
            for event in found["data"]
        ]
        return document({**found, "data": events})

    async def delete_model(self, request: Request) -> Response:
        name = request.path_params["id"]
        job = await self.find_job(request, model=name)
        await self.ask(request, "DELETE", f"/models/{job['fine_tuned_model']}")
        return document({"model": name, "deleted": True})

    async def deploy(self, request: Request) -> Response:
        """Deploy a model, as a user does in the console."""
        body = await self.read(request)
        job = await self.find_job(request, model=str(body.get("model")))
        name = str(body.get("name") or f"deployed-{job['id'][-6:]}")
        self.made(self.owner(request), "deployment", name, job["id"])
        return document({"name": name})

    async def complete(self, request: Request) -> Response:
        body = await self.read(request)
        self.key(request)
        name = str(body.get("model"))
        if body.get("do_sample") is False:  # the package sends this for temperature 0
            body.pop("temperature", None)
        if name == JUDGE or (_BASE_MODEL.fullmatch(name) and ".ft-" not in name):
            return await self.chat_with_base(request, body)
        if by_hand := await self.deployed_by_hand(request, name):
            return await self.chat_with(request, body, by_hand)
        try:
            kept = self.found(request, "deployment", name)
        except Refusal:
            raise Refusal(404, "模型不存在,请检查模型代码。") from None
        return await self.chat(request, body, kept.job)


def _event(event: dict[str, Any]) -> dict[str, Any]:
    known = event["data"] or {}
    data = {new: known[old] for old, new in _METRICS.items() if old in known}
    return {**event, "type": "finetune", "data": data or None}


DIALECT = Zhipu
