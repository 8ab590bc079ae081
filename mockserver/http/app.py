"""The application: one table of routes, with all dependencies passed in."""

from __future__ import annotations

import sqlite3

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mockserver.adapter.wrap import wrap_in_dialect
from mockserver.http.errors import WireError, storage_failed
from mockserver.http.gate import Admission, Gate
from mockserver.http.respond import failure
from mockserver.provider import Provider
from mockserver.routes.chat import Chat
from mockserver.routes.completions import Completions
from mockserver.routes.control import Control
from mockserver.routes.files import Files
from mockserver.routes.graders import Graders
from mockserver.routes.jobs import Jobs
from mockserver.routes.models import Models
from mockserver.routes.permissions import Permissions
from mockserver.routes.unknown import unknown_url
from mockserver.routes.uploads import Uploads

COMPLETION = "/chat/completions/{completion_id}"
CHECKPOINT = "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}"
JOB = "/fine_tuning/jobs/{fine_tuning_job_id}"


def create_app(provider: Provider) -> ASGIApp:
    """The provider as an ASGI application, in the dialect of its settings."""
    inside = openai_app(provider, [Middleware(Admission, provider=provider)])
    wrapped = wrap_in_dialect(inside, provider)
    if wrapped is not None:
        return wrapped
    layers = [Middleware(Gate, provider=provider), Middleware(Admission, provider=provider)]
    return openai_app(provider, layers)


def openai_app(provider: Provider, layers: list[Middleware]) -> Starlette:
    """The OpenAI application, behind `layers`."""
    table = routes(provider)

    async def refuse_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code in (404, 405):
            return failure(unknown_url(request, error, table))
        return failure(WireError(error.status_code, error.detail, headers=error.headers))

    return Starlette(
        routes=table,
        middleware=layers,
        exception_handlers={
            WireError: _refuse,
            HTTPException: refuse_http,
            sqlite3.Error: _fail_to_store,
            OSError: _fail_to_store,
            Exception: _break,
        },
    )


def routes(provider: Provider) -> list[Route]:
    """The route table; the most frequent route comes first."""
    chat, files, jobs, models = Chat(provider), Files(provider), Jobs(provider), Models(provider)
    completions, uploads = Completions(provider), Uploads(provider)
    permissions, graders = Permissions(provider), Graders(provider)
    control = Control(provider)
    return [
        Route("/chat/completions", chat.create, methods=["POST"]),
        Route("/chat/completions", completions.list, methods=["GET"]),
        Route(COMPLETION, completions.retrieve, methods=["GET"]),
        Route(COMPLETION, completions.update, methods=["POST"]),
        Route(COMPLETION, completions.delete, methods=["DELETE"]),
        Route(f"{COMPLETION}/messages", completions.messages, methods=["GET"]),
        Route("/files", files.create, methods=["POST"]),
        Route("/files", files.list, methods=["GET"]),
        Route("/files/{file_id}", files.retrieve, methods=["GET"]),
        Route("/files/{file_id}", files.delete, methods=["DELETE"]),
        Route("/files/{file_id}/content", files.content, methods=["GET"]),
        Route("/fine_tuning/jobs", jobs.create, methods=["POST"]),
        Route("/fine_tuning/jobs", jobs.list, methods=["GET"]),
        Route(JOB, jobs.retrieve, methods=["GET"]),
        Route(f"{JOB}/cancel", jobs.cancel, methods=["POST"]),
        Route(f"{JOB}/pause", jobs.pause, methods=["POST"]),
        Route(f"{JOB}/resume", jobs.resume, methods=["POST"]),
        Route(f"{JOB}/events", jobs.events, methods=["GET"]),
        Route(f"{JOB}/checkpoints", jobs.checkpoints, methods=["GET"]),
        Route(f"{CHECKPOINT}/permissions", permissions.create, methods=["POST"]),
        Route(f"{CHECKPOINT}/permissions", permissions.list, methods=["GET"]),
        Route(
            f"{CHECKPOINT}/permissions/{{permission_id}}", permissions.delete, methods=["DELETE"]
        ),
        Route("/fine_tuning/alpha/graders/run", graders.run, methods=["POST"]),
        Route("/fine_tuning/alpha/graders/validate", graders.validate, methods=["POST"]),
        Route("/uploads", uploads.create, methods=["POST"]),
        Route("/uploads/{upload_id}/parts", uploads.add_part, methods=["POST"]),
        Route("/uploads/{upload_id}/complete", uploads.complete, methods=["POST"]),
        Route("/uploads/{upload_id}/cancel", uploads.cancel, methods=["POST"]),
        Route("/models", models.list, methods=["GET"]),
        Route("/models/{model:path}", models.retrieve, methods=["GET"]),
        Route("/models/{model:path}", models.delete, methods=["DELETE"]),
        Route("/_mock/page", control.page, methods=["GET"]),
        Route("/_mock/health", control.health, methods=["GET"]),
        Route("/_mock/reset", control.reset, methods=["POST"]),
        Route("/_mock/seed", control.seed, methods=["POST"]),
        Route("/_mock/clock", control.clock, methods=["GET"]),
        Route("/_mock/clock/advance", control.advance, methods=["POST"]),
        Route("/_mock/faults", control.faults, methods=["GET"]),
        Route("/_mock/faults", control.add_faults, methods=["POST"]),
        Route("/_mock/faults", control.clear_faults, methods=["DELETE"]),
        Route("/_mock/requests", control.requests, methods=["GET"]),
        Route("/_mock/state", control.state, methods=["GET"]),
        Route("/_mock/verdict", control.verdict, methods=["GET"]),
    ]


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, WireError)
    return failure(error)


async def _fail_to_store(_: Request, error: Exception) -> Response:
    return failure(storage_failed(error))


async def _break(_: Request, _error: Exception) -> Response:
    text = "The server had an error while processing your request."
    return failure(WireError(500, text, type="server_error"))
