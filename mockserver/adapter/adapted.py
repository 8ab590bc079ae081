"""The base class of dialects that adapt the OpenAI application."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.dialect import Dialect, Refusal
from mockserver.adapter.inner_app import InnerApp
from mockserver.answers.judge import JUDGE
from mockserver.data.records import Resource
from mockserver.faults.scenario import Action
from mockserver.http.access import owner_with
from mockserver.http.body import read_object
from mockserver.http.respond import document
from mockserver.jobs.events import Checkpoint, checkpoint_name, epochs_at
from mockserver.metrics import epoch_ends
from mockserver.provider import Provider

STREAM = "text/event-stream"
Handler = Callable[[Request], Awaitable[Response]]

BASE = "gpt-4o-mini-2024-07-18"
"""The inner base model behind every base model of a dialect."""
FILE_SECONDS = 2.0
RESOURCE_SECONDS = 6.0
"""How long a file is processed and a resource created, before `--speed`."""


class AdaptedDialect(Dialect, ABC):
    """One provider's API over the inner application."""

    headers = ()

    chat_extras: frozenset[str] = frozenset()
    """Chat parameters that this provider accepts and OpenAI does not; they are ignored."""

    created_status = 200
    """The status of the response to a request that creates a file."""

    def __init__(self, inner: InnerApp, provider: Provider) -> None:
        self.inner = inner
        self.provider = provider

    @abstractmethod
    def routes(self) -> list[Route]:
        """The route table, with full paths."""

    @abstractmethod
    def error(self, refusal: Refusal) -> Any:
        """The body of a refusal."""

    def key(self, request: Request) -> str:
        """The API key in the header that this provider uses; a 401 without one."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            raise Refusal(401, "Authentication is required.", "unauthorized")
        return key.strip()

    def owner(self, request: Request) -> str:
        """The owner of the objects that the request may access; a 401 without a key."""
        key = self.key(request).encode()
        return owner_with(key, isolate=self.provider.settings.isolate_keys)

    def translate_fault(self, action: Action) -> Action:
        """The action with its error body in this provider's shape; HTML and text stay unchanged."""
        if action.status is None or action.status < 400 or action.html:
            return action
        body = action.body if isinstance(action.body, Mapping) else {}
        error = body.get("error")
        if action.body is not None and not isinstance(error, Mapping):
            return action
        details = error or {}
        message = str(details.get("message") or "The request was refused.")
        refusal = Refusal(action.status, message, details.get("code"))
        return msgspec.structs.replace(action, body=self.error(refusal))

    def refuse(self, refusal: Refusal) -> Response:
        return document(self.error(refusal), refusal.status)

    async def ask(self, request: Request, method: str, path: str, body: Any = None) -> Any:
        """The inner application's response document."""
        query = request.url.query if method == "GET" else ""
        answer = await self.inner.ask(
            request, method, f"/v1{path}", owner=self.owner(request), body=body, query=query
        )
        return answer.result()

    async def all_of(self, request: Request, path: str) -> list[dict[str, Any]]:
        """All items of a list in the inner application, newest first."""
        found = await self.inner.all(request, f"/v1{path}", owner=self.owner(request))
        return [item for item in found if not self.is_deleted(str(item["id"]))]

    def pass_through(self, path: str) -> Handler:
        """A handler that forwards the request unchanged; `{id}` is the id in its path."""

        async def handle(request: Request) -> Response:
            inner = f"/v1{inner_path(request, path)}"
            answer = await self.inner.pass_on(request, inner, owner=self.owner(request))
            if not answer.is_success:
                answer.result()
            kind = answer.headers.get("content-type", "application/json")
            return Response(answer.content, answer.status, media_type=kind)

        return handle

    async def read(self, request: Request) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        return await read_object(request)

    # Files

    def file_document(self, file: dict[str, Any]) -> dict[str, Any]:
        """A file of the inner application as this provider describes it."""
        return file

    async def create_file(self, request: Request) -> Response:
        answer = await self.inner.pass_on(request, "/v1/files", owner=self.owner(request))
        return document(self.file_document(answer.result()), self.created_status)

    async def file(self, request: Request) -> Response:
        found = await self.ask(request, "GET", inner_path(request, "/files/{id}"))
        return document(self.file_document(found))

    async def files(self, request: Request) -> Response:
        found = await self.ask(request, "GET", "/files")
        return document({**found, "data": [self.file_document(file) for file in found["data"]]})

    # Jobs

    async def create_job(
        self, request: Request, asked: Mapping[str, Any], shown: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Create the inner job; `shown` are the fields that this provider's job objects show."""
        body = {**asked, "model": BASE}
        found: dict[str, Any] = await self.ask(
            request, "POST", "/fine_tuning/jobs", {k: v for k, v in body.items() if v is not None}
        )
        jobs = self.provider.store.jobs
        job = jobs.get(found["id"], self.owner(request))
        assert job is not None, "it was just created"
        jobs.replace(replace(job, shown=dict(shown)))
        return found

    async def find_job(self, request: Request, **matching: str) -> dict[str, Any]:
        """The inner job, by its id or by this dialect's name for its model."""
        found: dict[str, Any] | None
        if "id" in matching and self.is_deleted(matching["id"]):
            raise Refusal(404, f"The job {matching['id']} does not exist.", "job_not_found")
        if "id" in matching:
            found = await self.ask(request, "GET", f"/fine_tuning/jobs/{matching['id']}")
        else:
            jobs = await self.all_of(request, "/fine_tuning/jobs")
            found = next((j for j in jobs if self.model_of(j) == matching["model"]), None)
        if found is None:
            raise Refusal(404, f"There is no model {matching['model']}.", "model_not_found")
        return dict(found)

    def original(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """The client's request, in this provider's terms."""
        kept = self.provider.store.jobs.get_any(job["id"])
        return {"model": job["model"], **(kept.shown if kept else {})}

    def model_of(self, job: Mapping[str, Any]) -> str | None:
        """This provider's name for the model of a succeeded job; None for other jobs."""
        return job["fine_tuned_model"] and f"{self.original(job)['model']}.ft-{digest(job['id'])}"

    def is_deleted(self, job_id: str) -> bool:
        return self.provider.store.resources.get_any(f"deleted-job:{job_id}") is not None

    async def delete_job(self, request: Request, job_id: str) -> dict[str, Any]:
        """Delete a finished job and its model; the verdict still includes the job."""
        job = await self.find_job(request, id=job_id)
        if job["finished_at"] is None:
            raise Refusal(400, "The job has not ended; cancel it first.", "invalid_job_status")
        self.made(self.owner(request), "deleted-job", job_id)
        return job

    def rename_in(self, job: Mapping[str, Any], message: str) -> str:
        """A message of the inner application, with this provider's names for job and models."""
        for inner, name in self.names(job).items():
            message = message.replace(inner, name)
        return message

    def names(self, job: Mapping[str, Any]) -> dict[str, str]:
        """This provider's names for the inner names that occur in messages."""
        record = self.provider.store.jobs.get_any(job["id"])
        if record is None:
            return {}
        steps = [step for _, step in epoch_ends(record)][:-1]
        found = {checkpoint_name(record, step): self.checkpoint_of(job, step) for step in steps}
        return {**found, record.tuned_model: str(self.model_of(job))}

    def checkpoint_of(self, job: Mapping[str, Any], step: int) -> str:
        """This provider's name for the model after a step before the last."""
        return f"{self.model_of(job)}:ckpt-step-{step}"

    def epochs(self, request: Request, job_id: str) -> list[Checkpoint]:
        """A checkpoint for each finished epoch, oldest first; only OpenAI drops early ones."""
        job = self.provider.store.jobs.get(job_id, self.owner(request))
        return epochs_at(job, self.provider.clock.now()) if job else []

    # Chat

    async def chat(self, request: Request, body: dict[str, Any], job_id: str) -> Response:
        """The answer of a job's model, under the name in the request."""
        job = await self.find_job(request, id=job_id)
        return await self.chat_with(request, body, job["fine_tuned_model"])

    async def deployed_by_hand(self, request: Request, name: str) -> str | None:
        """The newest inner model, if the settings say that a person deploys each as `name`."""
        if name != self.provider.settings.deployed_as:
            return None
        jobs = await self.all_of(request, "/fine_tuning/jobs")
        return next((str(j["fine_tuned_model"]) for j in jobs if j["fine_tuned_model"]), None)

    async def chat_with_base(self, request: Request, body: dict[str, Any]) -> Response:
        """The answer of a base model, or of the judge, which has the same name in all dialects."""
        asked = body.get("model")
        return await self.chat_with(request, body, JUDGE if asked == JUDGE else BASE)

    async def chat_with(self, request: Request, body: dict[str, Any], model: str) -> Response:
        """The answer of an inner model, under the name in the request."""
        known = {name: value for name, value in body.items() if name not in self.chat_extras}
        inner = {**known, "model": model}
        answer = await self.inner.ask(
            request, "POST", "/v1/chat/completions", owner=self.owner(request), body=inner
        )
        name = str(body.get("model"))
        if answer.headers.get("content-type", "").startswith(STREAM):
            return Response(_renamed(answer.content, name), media_type=STREAM)
        return document({**answer.result(), "model": name})

    # Resources

    def keep(self, resource: Resource) -> Resource:
        """Store a resource or its new value."""
        resources = self.provider.store.resources
        known = resources.get_any(resource.id)
        (resources.replace if known else resources.add)(resource)
        return resource

    def made(self, owner: str, noun: str, name: str, /, job: str = "", **data: Any) -> Resource:
        """A new resource; a 409 if another owner's has the same name."""
        key = f"{noun}:{name}"
        known = self.provider.store.resources.get_any(key)
        if known is not None and known.owner != owner and not known.deleted:
            raise Refusal(409, f"There already is a {noun} {name}.", "conflict")
        now = self.provider.clock.now()
        return self.keep(Resource(id=key, owner=owner, created_at=now, job=job, data=data))

    def found(self, request: Request, noun: str, name: str) -> Resource:
        """The resource of the request's key, or a 404."""
        owner = self.owner(request)
        resource = self.find_any(noun, name)
        if resource.owner != owner:
            raise Refusal(404, f"There is no {noun} {name}.", "not_found")
        return resource

    def find_any(self, noun: str, name: str) -> Resource:
        """The resource of any owner, or a 404."""
        resource = self.provider.store.resources.get_any(f"{noun}:{name}")
        if resource is None or resource.deleted:
            raise Refusal(404, f"There is no {noun} {name}.", "not_found")
        return resource

    def all(self, request: Request, noun: str) -> list[Resource]:
        """The resources of the request's key, oldest first."""
        owner = self.owner(request)
        every = [r for r in self.provider.store.resources.every() if r.owner == owner]
        return [r for r in every if r.id.startswith(f"{noun}:") and not r.deleted]

    def delete(self, resource: Resource) -> Resource:
        return self.keep(replace(resource, deleted=True))

    def is_ready(self, resource: Resource, seconds: float = RESOURCE_SECONDS) -> bool:
        speed = self.provider.settings.speed
        return self.provider.clock.now() >= resource.created_at + seconds / speed


def _renamed(events: bytes, model: str) -> bytes:
    """The events of a chat completion, each with `model` as its model."""
    return b"\n".join(_named(line, model) for line in events.split(b"\n"))


def _named(line: bytes, model: str) -> bytes:
    if not line.startswith(b"data: {"):
        return line
    chunk = json.loads(line.removeprefix(b"data: "))
    return b"data: " + json.dumps({**chunk, "model": model}).encode()


def inner_path(request: Request, path: str) -> str:
    """The path in the inner application: `{id}` becomes the id in the request's path."""
    return path.replace("{id}", request.path_params.get("id", ""))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
