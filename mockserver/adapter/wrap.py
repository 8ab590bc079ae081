"""Puts a dialect in front of the OpenAI application."""

from __future__ import annotations

import sqlite3

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.adapter.adapted import AdaptedDialect
from mockserver.adapter.dialect import Refusal
from mockserver.adapter.inner_app import InnerApp
from mockserver.dialects import find_dialect
from mockserver.http.errors import WireError, storage_failed
from mockserver.http.gate import Gate
from mockserver.provider import Provider


def wrap_in_dialect(app: ASGIApp, provider: Provider) -> ASGIApp | None:
    """`app` behind the dialect in the settings; None for OpenAI's, which needs no adapter."""
    kind = find_dialect(provider.settings.dialect)
    if not issubclass(kind, AdaptedDialect):
        return None
    dialect = kind(InnerApp(app), provider)

    async def refuse(request: Request, error: Exception) -> Response:  # noqa: ARG001 - starlette's
        assert isinstance(error, Refusal)
        return dialect.refuse(error)

    async def refuse_wire(request: Request, error: Exception) -> Response:  # noqa: ARG001 - starlette's
        assert isinstance(error, WireError)
        return dialect.refuse(Refusal(error.status, error.message, error.code))

    async def fail_to_store(request: Request, error: Exception) -> Response:
        return await refuse_wire(request, storage_failed(error))

    async def fail(request: Request, error: Exception) -> Response:  # noqa: ARG001 - starlette's
        return dialect.refuse(Refusal(500, "The server had an error.", "internal_error"))

    async def unknown(request: Request, error: Exception) -> Response:  # noqa: ARG001 - starlette's
        return dialect.refuse(Refusal(404, f"Not found: {request.url.path}", "not_found"))

    return Starlette(
        routes=[*dialect.routes(), Mount("/_mock", app=_Control(app))],
        middleware=[Middleware(Gate, provider=provider, dialect=dialect)],
        exception_handlers={
            Refusal: refuse,
            WireError: refuse_wire,
            sqlite3.Error: fail_to_store,
            OSError: fail_to_store,
            404: unknown,
            405: unknown,
            Exception: fail,
        },
    )


class _Control:
    """`/_mock/` is answered by the inner application in every dialect."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "root_path": ""}, receive, send)
