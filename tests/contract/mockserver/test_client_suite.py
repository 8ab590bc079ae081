"""Each call that the official client's own suite makes, with its ids and edge values.

The official suite runs against a server without state; here fixtures hold its ids. Every call is
made plain, raw and streaming, by the sync and the async client in strict validation, and every
answer is held against the contract beside the client's types. What only a server without rules
takes is left out: an MD5 that is none, one file for training and validation, `stream_options`
without a stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import openai
import pytest

from mockserver.client import FtMock
from tests.contract.mockserver.contract import OPERATIONS, operation_of
from tests.contract.mockserver.raw import LINES

JOB = "ft-AF1WoRqd3aJAHsqc9NY7iL8F"
WEATHER = "ft:gpt-4o-mini-2024-07-18:org:weather:B7R9VjQd"
TUNED = "ft:gpt-4o-mini:acemeco:suffix:abc123"
PERMISSION = "cp_zc4Q7MP6XxulcVzj4MZdwsAB"
FIXTURES: dict[str, Any] = {
    "files": [{"id": "file-abc123", "lines": LINES}, {"id": "file_id", "content": "{}\n"}],
    "uploads": [{"id": "upload_abc123", "parts": [{"id": "string", "content": "Example data"}]}],
    "jobs": [
        {"id": JOB, "training_file": "file-abc123", "status": "running"},
        {"id": "ftjob-1", "training_file": "file-abc123", "fine_tuned_model": JOB},
        {"id": "ftjob-2", "training_file": "file-abc123", "fine_tuned_model": WEATHER},
        {"id": "ftjob-3", "training_file": "file-abc123", "fine_tuned_model": TUNED},
    ],
    "permissions": [{"id": PERMISSION, "checkpoint": WEATHER, "project_id": "proj"}],
    "completions": [
        {
            "id": "completion_id",
            "messages": [{"role": "user", "content": "Hello"}],
            "answer": "Hello.",
            "metadata": {"foo": "string"},
        }
    ],
}
GRADER = {
    "type": "string_check", "name": "name", "input": "input", "reference": "reference",
    "operation": "eq",
}  # fmt: skip
AUTO = {"batch_size": "auto", "learning_rate_multiplier": "auto", "n_epochs": "auto"}
WANDB = {"project": "p", "entity": "entity", "name": "name", "tags": ["custom-tag"]}
MESSAGES = [{"role": "developer", "content": "string", "name": "name"}]
FUNCTION = {"name": "name", "description": "description", "parameters": {"foo": "bar"}}
EVERY_CHAT_OPTION = {
    "audio": {"format": "wav", "voice": "alloy"}, "frequency_penalty": -2, "function_call": "none",
    "functions": [FUNCTION], "logit_bias": {"foo": 0}, "logprobs": True,
    "max_completion_tokens": 0, "max_tokens": 0, "metadata": {"foo": "string"},
    "modalities": ["text"], "n": 1, "parallel_tool_calls": True,
    "prediction": {"content": "string", "type": "content"}, "presence_penalty": -2,
    "prompt_cache_key": "key", "reasoning_effort": "none", "response_format": {"type": "text"},
    "safety_identifier": "safety", "seed": -(2**53) + 1, "service_tier": "auto", "stop": "\n",
    "store": True, "temperature": 1, "tool_choice": "none",
    "tools": [{"type": "function", "function": {**FUNCTION, "strict": True}}], "top_logprobs": 0,
    "top_p": 1, "user": "user", "verbosity": "low",
    "web_search_options": {"search_context_size": "low"},
}  # fmt: skip


@dataclass(frozen=True)
class Called:
    """A method of the client, by its path, and what it is called with."""

    path: str
    given: dict[str, Any] = field(default_factory=dict)
    job: str = "running"

    def __str__(self) -> str:
        return f"{self.path}({','.join(self.given)})"

    def of(self, client: Any, form: str = "") -> Callable[[], Any]:
        *resources, method = self.path.split(".")
        resource = reduce(getattr, resources, client)
        found = getattr(getattr(resource, form) if form else resource, method)
        return lambda: found(**self.given)


def edges(**more: Any) -> dict[str, Any]:
    return {"after": "after", "limit": 0, **more}


EXPIRY = {"expires_after": {"anchor": "created_at", "seconds": 3600}}
STORED = {"completion_id": "completion_id"}
CHECKPOINT = {"fine_tuned_model_checkpoint": JOB}
PERMITTED = {"fine_tuned_model_checkpoint": WEATHER}
PERMISSIONS = "fine_tuning.checkpoints.permissions"
GRADERS = "fine_tuning.alpha.graders"
CHAT = {"model": "gpt-6-astra", "messages": MESSAGES}
UPLOAD = {"bytes": 0, "filename": "filename", "mime_type": "mime_type", "purpose": "assistants"}
CALLS = [
    Called("files.create", {"file": b"Example data", "purpose": "assistants"}),
    Called("files.create", {"file": b"", "purpose": "user_data", **EXPIRY}),
    Called("files.retrieve", {"file_id": "file_id"}),
    Called("files.content", {"file_id": "file_id"}),
    Called("files.list"),
    Called("files.list", edges(order="asc", purpose="purpose")),
    Called("files.delete", {"file_id": "file_id"}),
    Called("uploads.create", UPLOAD),
    Called("uploads.create", {**UPLOAD, **EXPIRY}),
    Called("uploads.parts.create", {"upload_id": "upload_abc123", "data": b"Example data"}),
    Called("uploads.complete", {"upload_id": "upload_abc123", "part_ids": ["string"]}),
    Called("uploads.cancel", {"upload_id": "upload_abc123"}),
    Called("fine_tuning.jobs.create", {"model": "gpt-4o-mini", "training_file": "file-abc123"}),
    Called("fine_tuning.jobs.create", {
        "model": "gpt-4o-mini", "training_file": "file-abc123", "seed": 42, "suffix": "x",
        "metadata": {"foo": "string"}, "integrations": [{"type": "wandb", "wandb": WANDB}],
        "method": {
            "type": "supervised", "supervised": {"hyperparameters": AUTO},
            "dpo": {"hyperparameters": {**AUTO, "beta": "auto"}},
            "reinforcement": {"grader": GRADER, "hyperparameters": {
                **AUTO, "compute_multiplier": "auto", "eval_interval": "auto",
                "eval_samples": "auto", "reasoning_effort": "default"}},
        },
    }),
    Called("fine_tuning.jobs.retrieve", {"fine_tuning_job_id": JOB}),
    Called("fine_tuning.jobs.list"),
    Called("fine_tuning.jobs.list", edges(metadata={"foo": "string"})),
    Called("fine_tuning.jobs.cancel", {"fine_tuning_job_id": JOB}),
    Called("fine_tuning.jobs.pause", {"fine_tuning_job_id": JOB}),
    Called("fine_tuning.jobs.resume", {"fine_tuning_job_id": JOB}, job="paused"),
    Called("fine_tuning.jobs.list_events", {"fine_tuning_job_id": JOB}),
    Called("fine_tuning.jobs.list_events", edges(fine_tuning_job_id=JOB)),
    Called("fine_tuning.jobs.checkpoints.list", {"fine_tuning_job_id": JOB}),
    Called("fine_tuning.jobs.checkpoints.list", edges(fine_tuning_job_id=JOB)),
    Called(f"{PERMISSIONS}.create", {**PERMITTED, "project_ids": ["string"]}),
    Called(f"{PERMISSIONS}.create", {**CHECKPOINT, "project_ids": []}),
    Called(f"{PERMISSIONS}.list", CHECKPOINT),
    Called(f"{PERMISSIONS}.list", edges(**CHECKPOINT, order="ascending", project_id="p")),
    Called(f"{PERMISSIONS}.list", edges(**CHECKPOINT, order="descending")),
    Called(f"{PERMISSIONS}.delete", {**PERMITTED, "permission_id": PERMISSION}),
    Called(f"{GRADERS}.run", {"grader": GRADER, "model_sample": "sample", "item": {}}),
    Called(f"{GRADERS}.validate", {"grader": GRADER}),
    Called("models.retrieve", {"model": "gpt-6-astra"}),
    Called("models.list"),
    Called("models.delete", {"model": TUNED}),
    Called("chat.completions.create", CHAT),
    Called("chat.completions.create", {**CHAT, **EVERY_CHAT_OPTION}),
    Called("chat.completions.retrieve", STORED),
    Called("chat.completions.update", {**STORED, "metadata": {"foo": "string"}}),
    Called("chat.completions.list"),
    Called("chat.completions.list", edges(metadata={"foo": "string"}, model="model", order="asc")),
    Called("chat.completions.delete", STORED),
    Called("chat.completions.messages.list", STORED),
    Called("chat.completions.messages.list", edges(**STORED, order="asc")),
]  # fmt: skip


pytestmark = pytest.mark.ft_mock(null_error=True)
"""The contract, and the client in strict validation, take no `error: {}`."""


@pytest.fixture(scope="module")
def origin(ft_mock_origins: Callable[..., str]) -> str:
    return ft_mock_origins("openai", null_error=True)


def look(response: Any) -> None:
    operation = operation_of(response.request.method, response.request.url.path)
    if response.headers["content-type"] == "application/json":
        operation.validator.validate(response.json())


@pytest.fixture(scope="module")
def sync_client(origin: str) -> Iterator[openai.OpenAI]:
    def read(response: Any) -> None:
        response.read()
        look(response)

    with openai.OpenAI(
        base_url=f"{origin}/v1",
        api_key="sk-mock",
        max_retries=0,
        http_client=openai.DefaultHttpxClient(event_hooks={"response": [read]}),
        _strict_response_validation=True,
    ) as client:
        yield client


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def async_client(origin: str, runner: asyncio.Runner) -> Iterator[openai.AsyncOpenAI]:
    async def read(response: Any) -> None:
        await response.aread()
        look(response)

    client = openai.AsyncOpenAI(
        base_url=f"{origin}/v1",
        api_key="sk-mock",
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [read]}),
        _strict_response_validation=True,
    )
    yield client
    runner.run(client.close())


def start(mock: FtMock, called: Called) -> None:
    mock.reset()
    first, *others = FIXTURES["jobs"]
    mock.seed({**FIXTURES, "jobs": [{**first, "status": called.job}, *others]})


@pytest.mark.parametrize("called", CALLS, ids=str)
def test_the_sync_client(called: Called, ft_mock: FtMock, sync_client: openai.OpenAI) -> None:
    start(ft_mock, called)
    plain = called.of(sync_client)()
    start(ft_mock, called)
    raw = called.of(sync_client, "with_raw_response")().parse()
    start(ft_mock, called)
    with called.of(sync_client, "with_streaming_response")() as response:
        streamed = response.parse()

    assert type(plain).__name__ == type(raw).__name__
    assert streamed is not None


@pytest.mark.parametrize("called", CALLS, ids=str)
def test_the_async_client(
    called: Called, ft_mock: FtMock, async_client: openai.AsyncOpenAI, runner: asyncio.Runner
) -> None:
    async def make() -> None:
        start(ft_mock, called)
        plain = await called.of(async_client)()
        start(ft_mock, called)
        raw = (await called.of(async_client, "with_raw_response")()).parse()
        start(ft_mock, called)
        async with called.of(async_client, "with_streaming_response")() as response:
            streamed = await response.parse()
        assert type(plain).__name__ == type(raw).__name__
        assert streamed is not None

    runner.run(make())


def test_the_suite_leaves_no_operation_out() -> None:
    methods = {called.path for called in CALLS}

    assert len(methods) == len(OPERATIONS)
