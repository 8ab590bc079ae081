"""Other providers' APIs over the same mock: paths, keys, words, errors, deployments.

Each is written from the provider's own documents, and from nothing of the runner's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.dialects.azure import Azure
from mockserver.dialects.core import Core
from mockserver.dialects.dialect import Dialect
from mockserver.dialects.llmariner import LLMariner
from mockserver.dialects.nebius import Nebius
from mockserver.dialects.refusal import Refusal
from mockserver.dialects.together import Together
from mockserver.dialects.zhipu import Zhipu
from mockserver.http.errors import WireError, storage_failed
from mockserver.http.gate import Gate
from mockserver.provider import Provider

DIALECTS: Mapping[str, type[Dialect]] = {
    "azure": Azure,
    "nebius": Nebius,
    "together": Together,
    "llmariner": LLMariner,
    "zhipu": Zhipu,
}


def speak(app: ASGIApp, provider: Provider) -> ASGIApp | None:
    """`app` behind the dialect that the settings name; None where that is its own."""
    kind = DIALECTS.get(provider.settings.dialect)
    if kind is None:
        return None
    dialect = kind(Core(app), provider)

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
        middleware=[Middleware(Gate, provider=provider, tongue=dialect)],
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
    """`/_mock/` is the application's inside, whatever is spoken."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "root_path": ""}, receive, send)
