"""Together AI: `/fine-tunes`, files that are announced before they are sent, endpoints.

Source: the official package, together 3.1.1: lib/resources/files.py and fine_tuning.py,
types/finetune_response.py, types/file_response.py, resources/endpoints/*.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.data.dataset import read_examples
from mockserver.data.files import find_file
from mockserver.data.records import Resource
from mockserver.dialects.dialect import FILE_SECONDS, digest
from mockserver.dialects.refusal import Refusal, section, text
from mockserver.dialects.together_endpoints import SLUG, TogetherEndpoints, iso
from mockserver.http.gate import without_prefix
from mockserver.http.respond import document
from mockserver.rules.examples import InvalidFileError

JOB = "/v1/fine-tunes/{id}"
_WORDS = {
    "validating_files": "pending",
    "succeeded": "completed",
    "failed": "error",
    "cancelled": "cancelled",
}
_TYPES = {
    "Created": "job_pending",
    "Fine-tuning job started": "training_start",
    "Checkpoint": "checkpoint_save",
    "New fine-tuned": "model_upload_complete",
    "The job has": "job_complete",
}
_FORMATS = {"messages", "prompt", "text", "input"}
_BODY_DEFAULTS: dict[str, Any] = {
    "n_epochs": 1,
    "n_checkpoints": 1,
    "n_evals": 0,
    "batch_size": "max",
    "learning_rate": 1e-5,
    "warmup_ratio": 0,
    "weight_decay": 0,
    "max_grad_norm": 1,
    "packing": True,
    "suffix": None,
    "random_seed": None,
    "training_method": {"method": "sft", "train_on_inputs": "auto"},
}


class Together(TogetherEndpoints):
    def routes(self) -> list[Route]:
        return [
            Route("/v1/files", self.announce, methods=["POST"]),
            Route("/v1/files", self.files, methods=["GET"]),
            Route("/_storage/{id}", self.store, methods=["PUT"]),
            Route("/v1/files/{id}/preprocess", self.finish, methods=["POST"]),
            Route("/v1/files/{id}/content", self.content, methods=["GET"]),
            Route("/v1/files/{id}", self.file, methods=["GET"]),
            Route("/v1/files/{id}", self.delete_file, methods=["DELETE"]),
            Route("/v1/fine-tunes", self.create, methods=["POST"]),
            Route("/v1/fine-tunes", self.jobs, methods=["GET"]),
            Route("/v1/fine-tunes/estimate-price", self.price, methods=["POST"]),
            Route("/v1/fine-tunes/models/limits", self.limits, methods=["GET"]),
            Route(JOB, self.job, methods=["GET"]),
            Route(f"{JOB}/cancel", self.cancel, methods=["POST"]),
            Route(f"{JOB}/events", self.events, methods=["GET"]),
            Route(f"{JOB}/checkpoints", self.checkpoints, methods=["GET"]),
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
            *self.endpoint_routes(),
        ]

    def plain(self, path: str) -> str:
        _, fine_tunes, more = without_prefix(path).partition("/fine-tunes")
        if not fine_tunes:
            return without_prefix(path)
        return "/fine_tuning/jobs" + more.replace("/ft-", "/ftjob-", 1)

    def error(self, refusal: Refusal) -> Any:
        kind = "invalid_request_error"
        about = {"type": kind, "param": None, "code": refusal.code}
        return {"error": {"message": refusal.message, **about}}

    # Files: announced, put to the address in the answer, then read

    async def announce(self, request: Request) -> Response:
        owner = self.owner(request)
        form = await self._form(request)
        told = {name: text(form, name) for name in ("purpose", "file_name", "file_type")}
        file_id = f"file-{digest(f'{told}{self.provider.ids.chance()}')[:24]}"
        self.made(owner, "file", file_id, **told, sent=False)
        place = f"{request.url.scheme}://{request.url.netloc}/_storage/{file_id}?X-Signature=mock"
        headers = {"Location": place, "X-Together-File-Id": file_id}
        return Response(status_code=302, headers=headers)

    async def _form(self, request: Request) -> dict[str, Any]:
        try:
            async with request.form() as form:
                return dict(form)
        except (HTTPException, FormParserError):
            raise Refusal(400, "The body is no form.") from None

    async def store(self, request: Request) -> Response:
        """The bytes arrive with no key: the address is signed."""
        kept = self.anyones("file", request.path_params["id"])
        answer = await self.core.upload(request, kept.data["file_name"], owner=kept.owner)
        inner = answer.said()["id"]
        stored = find_file(self.provider, inner, kept.owner)
        fault = await asyncio.to_thread(_fault, self.provider.store.blobs.path(stored.content))
        self.keep(_with(kept, inner=inner, bytes=stored.bytes, fault=fault))
        return Response(status_code=200)

    async def finish(self, request: Request) -> Response:
        kept = self.found(request, "file", request.path_params["id"])
        if "inner" not in kept.data:
            raise Refusal(400, "The file was not uploaded.")
        now = self.provider.clock.now()
        return document(self._file(self.keep(_with(kept, sent=True, finished_at=now))))

    async def file(self, request: Request) -> Response:
        return document(self._file(self.found(request, "file", request.path_params["id"])))

    async def files(self, request: Request) -> Response:
        sent = [file for file in self.all(request, "file") if file.data["sent"]]
        return document({"data": [self._file(file) for file in sent]})

    async def content(self, request: Request) -> Response:
        kept = self.found(request, "file", request.path_params["id"])
        if "inner" not in kept.data:
            raise Refusal(404, "The file was not uploaded.", "not_found")
        path = f"/v1/files/{kept.data['inner']}/content"
        answer = await self.core.ask(request, "GET", path, owner=kept.owner)
        return Response(answer.content, answer.status)

    async def delete_file(self, request: Request) -> Response:
        kept = self.delete(self.found(request, "file", request.path_params["id"]))
        return document({"id": kept.id.partition(":")[2], "object": "file", "deleted": True})

    def _file(self, kept: Resource) -> dict[str, Any]:
        data = kept.data
        read_at = data.get("finished_at", kept.created_at)
        done = self.provider.clock.now() >= read_at + FILE_SECONDS / self.provider.settings.speed
        fault = data.get("fault")
        found = {
            "id": kept.id.partition(":")[2],
            "object": "file",
            "bytes": data.get("bytes", 0),
            "created_at": int(kept.created_at),
            "filename": data["file_name"],
            "FileType": data["file_type"],
            "purpose": data["purpose"],
            "processing_status": ("INVALID_FORMAT" if fault else "COMPLETED")
            if done
            else "PENDING",
        }
        if not done:
            return found
        report: dict[str, Any] = {"valid": not fault, "file_id": found["id"]}
        if fault:
            report |= {"error": fault, "error_type": "INVALID_FORMAT"}
        return {**found, "validation_report": report}

    # Jobs

    async def create(self, request: Request) -> Response:
        body = await self.read(request)
        unknown = [name for name in ("metadata", "hyperparameters", "method", "seed")
                   if name in body]  # fmt: skip
        if unknown:
            raise Refusal(400, f"unknown field {unknown[0]}")
        method = section(body, "training_method").get("method", "sft")
        if method not in ("sft", "dpo"):
            raise Refusal(400, f"unknown training method {method}")
        batch = body.get("batch_size", "max")
        epochs = body.get("n_epochs", 1)
        if not isinstance(epochs, int) or (isinstance(batch, str) and batch != "max"):
            raise Refusal(400, "n_epochs is a number; batch_size a number or max")
        settings = {"n_epochs": epochs, "batch_size": "auto" if batch == "max" else batch}
        inner = {
            "training_file": self._trainable(request, str(body.get("training_file"))),
            "validation_file": self._trainable(request, str(body["validation_file"]))
            if body.get("validation_file") else None,
            "suffix": body.get("suffix"),
            "seed": body.get("random_seed"),
            "method": {"type": "dpo", "dpo": {"hyperparameters": settings}}
            if method == "dpo" else None,
            "hyperparameters": settings if method == "sft" else None,
        }  # fmt: skip
        kept = {name: body[name] for name in (*_BODY_DEFAULTS, "model", "training_file",
                                              "validation_file") if name in body}  # fmt: skip
        return document(self._job(await self.create_job(request, inner, kept)))

    def _trainable(self, request: Request, file_id: str) -> str:
        """The file inside, once it is read and found good."""
        kept = self.found(request, "file", file_id)
        status = self._file(kept)["processing_status"]
        if status != "COMPLETED":
            raise Refusal(400, f"The file {file_id} cannot be trained on: {status}")
        return str(kept.data["inner"])

    async def jobs(self, request: Request) -> Response:
        found = await self.all_of(request, "/fine_tuning/jobs")
        return document({"data": [self._job(job) for job in found]})

    async def job(self, request: Request) -> Response:
        return document(self._job(await self._found_job(request)))

    async def cancel(self, request: Request) -> Response:
        job = await self._found_job(request)
        path = f"/fine_tuning/jobs/{job['id']}/cancel"
        return document(self._job(await self.ask(request, "POST", path)))

    async def _found_job(self, request: Request) -> dict[str, Any]:
        return await self.find_job(request, id=_inside(request.path_params["id"]))

    def model_of(self, job: Any) -> str | None:
        if not job["fine_tuned_model"]:
            return None
        base = str(self.original(job)["model"]).rpartition("/")[2]
        suffix = f"-{job.get('user_provided_suffix')}" if job.get("user_provided_suffix") else ""
        return f"{SLUG}/{base}{suffix}-{digest(job['id'])[:8]}"

    def object_of(self, job: dict[str, Any]) -> str:
        return f"ml_{digest(job['id'])[:20]}"

    def _job(self, job: dict[str, Any]) -> dict[str, Any]:
        created = iso(job["created_at"])
        name = self.model_of(job)
        return {
            **_BODY_DEFAULTS,
            **self.original(job),
            "id": job["id"].replace("ftjob-", "ft-"),
            "job_id": job["id"].replace("ftjob-", "ft-"),
            "status": _WORDS.get(job["status"], job["status"]),
            "created_at": created,
            "updated_at": created,
            "user_id": "mock-user",
            "owner_address": "mock",
            "events": [],
            "token_count": job["trained_tokens"] or 0,
            "param_count": 0,
            "total_price": 0,
            "model_output_name": name,
            "model_object_id": self.object_of(job) if name else None,
            "model_object_name": name,
        }

    async def events(self, request: Request) -> Response:
        job = await self._found_job(request)
        found = await self.all_of(request, f"/fine_tuning/jobs/{job['id']}/events")
        return document({"data": [_event(event) for event in found[::-1]]})

    async def checkpoints(self, request: Request) -> Response:
        job = await self._found_job(request)
        found = [
            {
                "checkpoint_type": "Intermediate",
                "created_at": iso(point.at),
                "path": f"s3://mock/{point.id}",
                "step": point.metrics.step,
            }
            for point in self.epochs(request, job["id"])
        ]
        return document({"data": found})

    async def price(self, request: Request) -> Response:
        self.key(request)
        return document({
            "allowed_to_proceed": True,
            "estimated_total_price": 0.5,
            "estimated_train_token_count": 1000,
            "estimated_eval_token_count": 0,
            "user_limit": 100,
            "estimation_available": True,
        })  # fmt: skip

    async def limits(self, request: Request) -> Response:
        self.key(request)
        sizes = {"max_batch_size": 64, "max_batch_size_dpo": 32, "min_batch_size": 1}
        return document({
            "model_name": request.query_params.get("model_name", ""),
            "max_num_epochs": 20,
            "max_num_evals": 100,
            "max_learning_rate": 0.1,
            "min_learning_rate": 1e-9,
            "max_seq_length_sft": 32768,
            "max_seq_length_dpo": 16384,
            "min_max_seq_length": 1024,
            "supports_vision": False,
            "supports_tools": True,
            "supports_reasoning": False,
            "merge_output_lora": True,
            "full_training": sizes,
            "lora_training": {**sizes, "max_rank": 64, "default_rank": 16, "target_modules": ["q"]},
        })  # fmt: skip


def _with(kept: Resource, **data: Any) -> Resource:
    return replace(kept, data={**kept.data, **data})


def _fault(path: Path) -> str | None:
    """Why the file is no JSONL of conversations or pairs; None where it is one."""
    try:
        for number, example in enumerate(read_examples(path), start=1):
            if not isinstance(example, dict) or not _FORMATS & example.keys():
                return f"Example {number} has no known format."
    except InvalidFileError as error:
        return str(error)
    return None


def _inside(job_id: str) -> str:
    return f"ftjob-{job_id.removeprefix('ft-')}"


def _event(event: dict[str, Any]) -> dict[str, Any]:
    said = event["message"]
    kind = next((kind for start, kind in _TYPES.items() if said.startswith(start)), "warning")
    if event["level"] == "error":
        kind = "job_error"
    found = {
        "object": "fine-tune-event",
        "created_at": iso(event["created_at"]),
        "level": event["level"].replace("warn", "warning"),
        "message": said,
        "type": "epoch_complete" if event["type"] == "metrics" else kind,
    }
    if event["type"] == "metrics":
        found |= {"step": event["data"]["step"], "total_steps": event["data"]["total_steps"]}
    return found
