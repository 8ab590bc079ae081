"""The application: every route in one table, everything it needs passed in."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.errors import WireError
from mockserver.gate import Gate
from mockserver.provider import Provider
from mockserver.respond import document, failure
from mockserver.routes.chat import Chat
from mockserver.routes.files import Files
from mockserver.routes.jobs import Jobs
from mockserver.routes.models import Models

JOB = "/fine_tuning/jobs/{fine_tuning_job_id}"


def create_app(provider: Provider) -> Starlette:
    """The provider as an ASGI application."""
    return Starlette(
        routes=routes(provider),
        middleware=[Middleware(Gate, provider=provider)],
        exception_handlers={
            WireError: _refuse,
            HTTPException: _refuse_http,
            Exception: _break,
        },
    )


def routes(provider: Provider) -> list[Route]:
    """The route table; the route that is called most comes first."""
    chat, files, jobs, models = Chat(provider), Files(provider), Jobs(provider), Models(provider)
    return [
        Route("/chat/completions", chat.create, methods=["POST"]),
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
        Route("/models", models.list, methods=["GET"]),
        Route("/models/{model:path}", models.retrieve, methods=["GET"]),
        Route("/models/{model:path}", models.delete, methods=["DELETE"]),
        Route("/_mock/health", health, methods=["GET"]),
    ]


async def health(request: Request) -> Response:  # noqa: ARG001 - a route takes its request
    return document({"status": "ok"})


async def _refuse(request: Request, error: Exception) -> Response:  # noqa: ARG001 - as above
    assert isinstance(error, WireError)  # noqa: S101 - registered for this class alone
    return failure(error)


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    text = error.detail
    if error.status_code in (404, 405):
        text = f"Invalid URL ({request.method} {request.url.path})"
    return failure(WireError(error.status_code, text, headers=error.headers))


async def _break(request: Request, error: Exception) -> Response:  # noqa: ARG001 - as above
    text = "The server had an error while processing your request."
    return failure(WireError(500, text, type="server_error"))
