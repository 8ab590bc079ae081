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

from mockserver.access import EVERYONE
from mockserver.dialects.core import Answer, Core
from mockserver.gate import without_prefix
from mockserver.provider import Provider
from mockserver.records import Resource
from mockserver.respond import document
from mockserver.scenario import Action

Handler = Callable[[Request], Awaitable[Response]]

BASE = "gpt-4o-mini-2024-07-18"
"""What trains behind every base model of a dialect."""
ORIGINAL = "mock_original"
"""The job's metadata hold what was asked for here: the application inside knows other words."""
_PIECE = 500
FILE_SECONDS = 2.0
RESOURCE_SECONDS = 6.0
"""How long a file is read, and a resource made, before `--speed`."""


class Refusal(Exception):
    """What a handler raises to refuse a request in the dialect's own shape."""

    def __init__(self, status: int, message: str, code: str | int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


class Dialect(ABC):
    """One provider's API over the application inside."""

    def __init__(self, core: Core, provider: Provider) -> None:
        self.core = core
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

    def plain(self, path: str) -> str:
        """What OpenAI calls the path, without `/v1`; one that only this provider has stays."""
        return without_prefix(path)

    def worded(self, action: Action) -> Action:
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

    def said(self, answer: Answer) -> Any:
        """The document of a success. Raises what the application inside refused, as a Refusal."""
        if answer.is_success:
            return answer.document
        error = (answer.document or {}).get("error") or {}
        raise Refusal(answer.status, str(error.get("message") or "failed"), error.get("code"))

    async def ask(self, request: Request, method: str, path: str, body: Any = None) -> Any:
        """The document that the application inside answers with."""
        query = request.url.query if method == "GET" else ""
        answer = await self.core.ask(
            request, method, f"/v1{path}", key=self.key(request), body=body, query=query
        )
        return self.said(answer)

    def passing(self, path: str) -> Handler:
        """A handler that passes the request on as it is; `{id}` stands for the id in its path."""

        async def handle(request: Request) -> Response:
            inner = f"/v1{path}".replace("{id}", request.path_params.get("id", ""))
            answer = await self.core.pass_on(request, inner, key=self.key(request))
            if not answer.is_success:
                self.said(answer)
            kind = answer.headers.get("content-type", "application/json")
            return Response(answer.content, answer.status, media_type=kind)

        return handle

    async def read(self, request: Request) -> dict[str, Any]:
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise Refusal(400, "The request body is not valid JSON.", "invalid_json") from None
        if not isinstance(body, dict):
            raise Refusal(400, "The request body is not a JSON object.", "invalid_json")
        return body

    # Jobs

    async def create_job(
        self, request: Request, asked: Mapping[str, Any], shown: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Create the job inside; `shown` is what this provider's job objects tell of it."""
        metadata = {**(asked.get("metadata") or {}), **_packed(shown)}
        body = {**asked, "model": BASE, "metadata": metadata}
        found: dict[str, Any] = await self.ask(
            request, "POST", "/fine_tuning/jobs", {k: v for k, v in body.items() if v is not None}
        )
        return found

    async def find_job(self, request: Request, **matching: str) -> dict[str, Any]:
        """The job inside, by its id or by the name that this dialect gives its model."""
        if "id" in matching:
            found = await self.ask(request, "GET", f"/fine_tuning/jobs/{matching['id']}")
        else:
            answer = await self.core.ask(
                request, "GET", "/v1/fine_tuning/jobs", key=self.key(request), query="limit=100"
            )
            jobs = self.said(answer)["data"]
            found = next((j for j in jobs if self.model_of(j) == matching["model"]), None)
        if found is None:
            raise Refusal(404, f"There is no model {matching['model']}.", "model_not_found")
        return dict(found)

    def model_of(self, job: Mapping[str, Any]) -> str | None:
        """What this provider calls a succeeded job's model; None for any other job."""
        return job["fine_tuned_model"] and f"{original(job)['model']}.ft-{digest(job['id'])}"

    # Chat

    async def chat(self, request: Request, body: dict[str, Any], job_id: str) -> Response:
        """What the model of a job says, under the name that it was asked by."""
        job = await self.find_job(request, id=job_id)
        inner = {**body, "model": job["fine_tuned_model"]}
        answer = await self.ask(request, "POST", "/chat/completions", inner)
        return document({**answer, "model": body.get("model")})

    # Things that are created

    def keep(self, resource: Resource) -> Resource:
        """Store a resource, or its new value."""
        resources = self.provider.store.resources
        known = resources.get(resource.id, EVERYONE)
        (resources.replace if known else resources.add)(resource)
        return resource

    def made(self, noun: str, name: str, /, job: str = "", **data: Any) -> Resource:
        now = self.provider.clock.now()
        key = f"{noun}:{name}"
        return self.keep(Resource(id=key, owner=EVERYONE, created_at=now, job=job, data=data))

    def found(self, noun: str, name: str) -> Resource:
        """The resource, or a 404."""
        resource = self.provider.store.resources.get(f"{noun}:{name}", EVERYONE)
        if resource is None or resource.deleted:
            raise Refusal(404, f"There is no {noun} {name}.", "not_found")
        return resource

    def all(self, noun: str) -> list[Resource]:
        every = self.provider.store.resources.page(EVERYONE, limit=1000, order="asc").items
        return [r for r in every if r.id.startswith(f"{noun}:") and not r.deleted]

    def delete(self, resource: Resource) -> Resource:
        return self.keep(replace(resource, deleted=True))

    def is_ready(self, resource: Resource, seconds: float = RESOURCE_SECONDS) -> bool:
        speed = self.provider.settings.speed
        return self.provider.clock.now() >= resource.created_at + seconds / speed


def original(job: Mapping[str, Any]) -> dict[str, Any]:
    """What the client asked for, out of the metadata of the job inside."""
    pieces = [v for k, v in sorted(job["metadata"].items()) if k.startswith(ORIGINAL)]
    found: dict[str, Any] = json.loads("".join(pieces))
    return found


def own_metadata(job: Mapping[str, Any]) -> dict[str, str]:
    """The client's metadata, without the dialect's."""
    return {k: v for k, v in job["metadata"].items() if not k.startswith(ORIGINAL)}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _packed(shown: Mapping[str, Any]) -> dict[str, str]:
    text = json.dumps(shown)
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    return {f"{ORIGINAL}_{number}": piece for number, piece in enumerate(pieces)}
