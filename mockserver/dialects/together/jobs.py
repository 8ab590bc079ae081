"""Together AI: `/fine-tunes`, jobs, their events and metrics.

Sources: the official package, together 3.1.1: resources/fine_tuning.py and
lib/resources/fine_tuning.py, types/finetune_response.py and fine_tuning_*; docs.together.ai,
fine-tuning/monitoring and reference/get-fine-tunes-models-supported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.adapted import digest
from mockserver.adapter.dialect import Refusal, section, without_prefix
from mockserver.dialects.together.endpoints import SLUG, iso
from mockserver.dialects.together.files import TogetherFiles
from mockserver.dialects.together.metrics import chosen, metrics_of
from mockserver.http.respond import document
from mockserver.jobs.events import Checkpoint
from mockserver.jobs.training import total_steps
from mockserver.rules.training_data import PLAIN, DataRules

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
SUPPORTED = (
    "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference",
    "meta-llama/Meta-Llama-3.1-70B-Instruct-Reference",
    "meta-llama/Llama-3.3-70B-Instruct-Reference",
    "Qwen/Qwen3-8B",
    "openai/gpt-oss-20b",
)
"""Some of the models that Together trains; the dialect accepts any name."""
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


class Together(TogetherFiles):
    data_rules = DataRules(
        source="together-python, src/together/utils/files.py and constants.py; docs.together.ai, "
        "fine-tuning/data-preparation",
        plain=PLAIN,
        weight_roles=("system", "user", "assistant", "tool"),
        message_keys=("reasoning", "reasoning_content"),
        images=10,
        web_images=False,
        alternating=("assistant", "user"),
        system_first=True,
    )

    chat_extras = frozenset(
        {
            "chat_template_kwargs", "compliance", "context_length_exceeded_behavior", "echo",
            "min_p", "reasoning", "repetition_penalty", "safety_model", "top_k",
        }
    )  # fmt: skip

    def routes(self) -> list[Route]:
        return [
            *self.file_routes(),
            Route("/v1/fine-tunes", self.create, methods=["POST"]),
            Route("/v1/fine-tunes", self.jobs, methods=["GET"]),
            Route("/v1/fine-tunes/estimate-price", self.price, methods=["POST"]),
            Route("/v1/fine-tunes/models/limits", self.limits, methods=["GET"]),
            Route("/v1/fine-tunes/models/supported", self.supported, methods=["GET"]),
            Route("/v1/finetune/download", self.download, methods=["GET"]),
            Route(JOB, self.job, methods=["GET"]),
            Route(JOB, self.remove, methods=["DELETE"]),
            Route(f"{JOB}/metrics", self.metrics, methods=["GET"]),
            Route(f"{JOB}/cancel", self.cancel, methods=["POST"]),
            Route(f"{JOB}/events", self.events, methods=["GET"]),
            Route(f"{JOB}/checkpoints", self.checkpoints, methods=["GET"]),
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
            *self.endpoint_routes(),
        ]

    def openai_path(self, path: str) -> str:
        _, fine_tunes, more = without_prefix(path).partition("/fine-tunes")
        if not fine_tunes:
            return without_prefix(path)
        return "/fine_tuning/jobs" + more.replace("/ft-", "/ftjob-", 1)

    def error(self, refusal: Refusal) -> Any:
        kind = "invalid_request_error"
        about = {"type": kind, "param": None, "code": refusal.code}
        return {"error": {"message": refusal.message.replace("ftjob-", "ft-"), **about}}

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
        """The inner file, after it was processed and found valid."""
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
        events = [{**each, "message": self.rename_in(job, each["message"])} for each in found[::-1]]
        return document({"data": [_event(event) for event in events]})

    def names(self, job: Any) -> dict[str, str]:
        files = [str(self.original(job).get(f"{kind}_file")) for kind in ("training", "validation")]
        inner = (job["training_file"], job["validation_file"])
        named = dict(zip(map(str, inner), files, strict=True))
        return {**super().names(job), **named, "ftjob-": "ft-"}

    def checkpoint_of(self, job: Any, step: int) -> str:
        return f"{self.model_of(job)}-step-{step}"

    async def checkpoints(self, request: Request) -> Response:
        job = await self._found_job(request)
        points = self.epochs(request, job["id"])
        asked = self.original(job).get("n_checkpoints")
        # The package sends 1 by default, but checkpoints of the mock's few epochs are useful.
        kept = _spread(points, asked) if isinstance(asked, int) and asked > 1 else points
        return document({"data": [self._checkpoint(job, point) for point in kept]})

    def _checkpoint(self, job: dict[str, Any], point: Checkpoint) -> dict[str, Any]:
        step = point.metrics.step
        record = self.provider.store.jobs.get_any(job["id"])
        is_final = record is not None and step == total_steps(record)
        name = self.model_of(job) if is_final else self.checkpoint_of(job, step)
        return {
            "checkpoint": "model",
            "checkpoint_type": "Final" if is_final else f"Intermediate (step {step})",
            "created_at": iso(point.at),
            "object_id": self.object_of(job) if is_final else self.object_of_checkpoint(point),
            "object_name": name,
            "path": f"s3://mock/{point.id}",
            "step": step,
        }

    async def metrics(self, request: Request) -> Response:
        """The metrics of each step: one object for training, another for evaluation."""
        job = await self._found_job(request)
        events = await self.all_of(request, f"/fine_tuning/jobs/{job['id']}/events")
        steps = [event for event in events[::-1] if event["type"] == "metrics"]
        rate, epochs = self.original(job).get("learning_rate", 1e-5), self.original(job)["n_epochs"]
        found = [line for event in steps for line in metrics_of(event, rate=rate, epochs=epochs)]
        return document({"metrics": chosen(found, request.query_params)})

    async def remove(self, request: Request) -> Response:
        job = await self.delete_job(request, _inside(request.path_params["id"]))
        return document({"message": f"Fine-tune job {job['id'].replace('ftjob-', 'ft-')} deleted."})

    async def download(self, request: Request) -> Response:
        """A placeholder for a model's weights: a few bytes with its name."""
        asked = request.query_params
        job = await self.find_job(request, id=_inside(asked.get("ft_id", "")))
        step = asked.get("checkpoint_step") or "0"
        steps = {"0", *(str(point.metrics.step) for point in self.epochs(request, job["id"]))}
        if self.model_of(job) is None or step not in steps:
            raise Refusal(404, f"The job has no checkpoint {step} to download.")
        name = f"{str(self.model_of(job)).rpartition('/')[2]}-step-{step}.tar.zst"
        content = f"the mock's weights of {name}\n".encode()
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def supported(self, request: Request) -> Response:
        self.key(request)
        detailed = [{"name": name} for name in SUPPORTED]
        return document({"models": list(SUPPORTED), "detailed_models": detailed})

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


def _inside(job_id: str) -> str:
    return f"ftjob-{job_id.removeprefix('ft-')}"


def _event(event: dict[str, Any]) -> dict[str, Any]:
    message = event["message"]
    kind = next((kind for start, kind in _TYPES.items() if message.startswith(start)), "warning")
    if event["level"] == "error":
        kind = "job_error"
    found = {
        "object": "fine-tune-event",
        "created_at": iso(event["created_at"]),
        "level": event["level"].replace("warn", "warning"),
        "message": message,
        "type": "epoch_complete" if event["type"] == "metrics" else kind,
    }
    if event["type"] == "metrics":
        found |= {"step": event["data"]["step"], "total_steps": event["data"]["total_steps"]}
    return found


def _spread(points: Sequence[Checkpoint], count: int) -> list[Checkpoint]:
    """This many of the checkpoints, evenly spaced, including the last."""
    size = min(count, len(points))
    return [points[(number + 1) * len(points) // size - 1] for number in range(size)]
