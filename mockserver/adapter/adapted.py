"""What all dialects share: keys, answers, base models of any name, things that are created."""

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

from mockserver.adapter.dialect import Dialect
from mockserver.adapter.inner_app import InnerApp
from mockserver.adapter.refusal import Refusal
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
"""What trains behind every base model of a dialect."""
FILE_SECONDS = 2.0
RESOURCE_SECONDS = 6.0
"""How long a file is read, and a resource made, before `--speed`."""


class AdaptedDialect(Dialect, ABC):
    """One provider's API over the application inside."""

    chat_extras: frozenset[str] = frozenset()
    """Parameters of a chat that this provider takes and OpenAI does not: they change no answer."""

    created_status = 200
    """The status of the response to a request that creates a file."""

    def __init__(self, inner: InnerApp, provider: Provider) -> None:
        self.inner = inner
        self.provider = provider

    @abstractmethod
    def routes(self) -> list[Route]:
        """The route table, with whole paths."""

    @abstractmethod
    def error(self, refusal: Refusal) -> Any:
        """The body of a refusal."""

    def key(self, request: Request) -> str:
        """The key of a request, from the header that this provider wants. A 401 without one."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            raise Refusal(401, "Authentication is required.", "unauthorized")
        return key.strip()

    def owner(self, request: Request) -> str:
        """Whose objects the request is about. A 401 without a key."""
        key = self.key(request).encode()
        return owner_with(key, isolate=self.provider.settings.isolate_keys)

    def translate_fault(self, action: Action) -> Action:
        """A fault's refusal as this provider words it; a page or a text stays as it is."""
        if action.status is None or action.status < 400 or action.html:
            return action
        told = action.body if isinstance(action.body, Mapping) else {}
        error = told.get("error")
        if action.body is not None and not isinstance(error, Mapping):
            return action
        said = error or {}
        message = str(said.get("message") or "The request was refused.")
        refusal = Refusal(action.status, message, said.get("code"))
        return msgspec.structs.replace(action, body=self.error(refusal))

    def refuse(self, refusal: Refusal) -> Response:
        return document(self.error(refusal), refusal.status)

    async def ask(self, request: Request, method: str, path: str, body: Any = None) -> Any:
        """The document that the application inside answers with."""
        query = request.url.query if method == "GET" else ""
        answer = await self.inner.ask(
            request, method, f"/v1{path}", owner=self.owner(request), body=body, query=query
        )
        return answer.said()

    async def all_of(self, request: Request, path: str) -> list[dict[str, Any]]:
        """Every item of a list of the application inside, newest first."""
        found = await self.inner.all(request, f"/v1{path}", owner=self.owner(request))
        return [item for item in found if not self.is_deleted(str(item["id"]))]

    def passing(self, path: str) -> Handler:
        """A handler that passes the request on as it is; `{id}` stands for the id in its path."""

        async def handle(request: Request) -> Response:
            inner = f"/v1{inner_path(request, path)}"
            answer = await self.inner.pass_on(request, inner, owner=self.owner(request))
            if not answer.is_success:
                answer.said()
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
        return document(self.file_document(answer.said()), self.created_status)

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
        """Create the job inside; `shown` is what this provider's job objects tell of it."""
        body = {**asked, "model": BASE}
        found: dict[str, Any] = await self.ask(
            request, "POST", "/fine_tuning/jobs", {k: v for k, v in body.items() if v is not None}
        )
        jobs = self.provider.store.jobs
        job = jobs.get(found["id"], self.owner(request))
        assert job is not None, "it was created just now"
        jobs.replace(replace(job, shown=dict(shown)))
        return found

    async def find_job(self, request: Request, **matching: str) -> dict[str, Any]:
        """The job inside, by its id or by the name that this dialect gives its model."""
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
        """What the client asked for, in this provider's words."""
        kept = self.provider.store.jobs.anyones(job["id"])
        return {"model": job["model"], **(kept.shown if kept else {})}

    def model_of(self, job: Mapping[str, Any]) -> str | None:
        """What this provider calls a succeeded job's model; None for any other job."""
        return job["fine_tuned_model"] and f"{self.original(job)['model']}.ft-{digest(job['id'])}"

    def is_deleted(self, job_id: str) -> bool:
        return self.provider.store.resources.anyones(f"deleted-job:{job_id}") is not None

    async def delete_job(self, request: Request, job_id: str) -> dict[str, Any]:
        """Forget a job that has ended, and its model; the verdict still knows of it."""
        job = await self.find_job(request, id=job_id)
        if job["finished_at"] is None:
            raise Refusal(400, "The job has not ended; cancel it first.", "invalid_job_status")
        self.made(self.owner(request), "deleted-job", job_id)
        return job

    def rename_in(self, job: Mapping[str, Any], message: str) -> str:
        """A message of the application inside, with this provider's names of job and models."""
        for inner, name in self.names(job).items():
            message = message.replace(inner, name)
        return message

    def names(self, job: Mapping[str, Any]) -> dict[str, str]:
        """What this provider calls what the application inside names in messages."""
        record = self.provider.store.jobs.anyones(job["id"])
        if record is None:
            return {}
        steps = [step for _, step in epoch_ends(record)][:-1]
        found = {checkpoint_name(record, step): self.checkpoint_of(job, step) for step in steps}
        return {**found, record.tuned_model: str(self.model_of(job))}

    def checkpoint_of(self, job: Mapping[str, Any], step: int) -> str:
        """What this provider calls the model as it was after a step before the last."""
        return f"{self.model_of(job)}:ckpt-step-{step}"

    def epochs(self, request: Request, job_id: str) -> list[Checkpoint]:
        """What each epoch so far has left, oldest first; OpenAI alone keeps only the last ones."""
        job = self.provider.store.jobs.get(job_id, self.owner(request))
        return epochs_at(job, self.provider.clock.now()) if job else []

    # Chat

    async def chat(self, request: Request, body: dict[str, Any], job_id: str) -> Response:
        """What the model of a job says, under the name that it was asked by."""
        job = await self.find_job(request, id=job_id)
        return await self.chat_with(request, body, job["fine_tuned_model"])

    async def chat_with_base(self, request: Request, body: dict[str, Any]) -> Response:
        """What a base model says, or the judge, who is called the same everywhere."""
        asked = body.get("model")
        return await self.chat_with(request, body, JUDGE if asked == JUDGE else BASE)

    async def chat_with(self, request: Request, body: dict[str, Any], model: str) -> Response:
        """What a model of the application inside says, under the name that it was asked by."""
        known = {name: value for name, value in body.items() if name not in self.chat_extras}
        inner = {**known, "model": model}
        answer = await self.inner.ask(
            request, "POST", "/v1/chat/completions", owner=self.owner(request), body=inner
        )
        name = str(body.get("model"))
        if answer.headers.get("content-type", "").startswith(STREAM):
            return Response(_renamed(answer.content, name), media_type=STREAM)
        return document({**answer.said(), "model": name})

    # Things that are created

    def keep(self, resource: Resource) -> Resource:
        """Store a resource, or its new value."""
        resources = self.provider.store.resources
        known = resources.anyones(resource.id)
        (resources.replace if known else resources.add)(resource)
        return resource

    def made(self, owner: str, noun: str, name: str, /, job: str = "", **data: Any) -> Resource:
        """A new resource; a 409 where somebody else's has its name."""
        key = f"{noun}:{name}"
        known = self.provider.store.resources.anyones(key)
        if known is not None and known.owner != owner and not known.deleted:
            raise Refusal(409, f"There already is a {noun} {name}.", "conflict")
        now = self.provider.clock.now()
        return self.keep(Resource(id=key, owner=owner, created_at=now, job=job, data=data))

    def found(self, request: Request, noun: str, name: str) -> Resource:
        """The resource of the request's key, or a 404."""
        owner = self.owner(request)
        resource = self.anyones(noun, name)
        if resource.owner != owner:
            raise Refusal(404, f"There is no {noun} {name}.", "not_found")
        return resource

    def anyones(self, noun: str, name: str) -> Resource:
        """The resource, whoever owns it, or a 404."""
        resource = self.provider.store.resources.anyones(f"{noun}:{name}")
        if resource is None or resource.deleted:
            raise Refusal(404, f"There is no {noun} {name}.", "not_found")
        return resource

    def all(self, request: Request, noun: str) -> list[Resource]:
        """Those of the request's key, oldest first."""
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
