"""The yardstick: starlette and uvicorn with one route that parses a body and sends it back."""

from __future__ import annotations

import json
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def echo(request: Request) -> JSONResponse:
    return JSONResponse(json.loads(await request.body()))


def main() -> None:
    app = Starlette(routes=[Route("/v1/chat/completions", echo, methods=["POST"])])
    uvicorn.run(
        app, port=int(sys.argv[1]), log_config=None, access_log=False, http="httptools", ws="none"
    )


if __name__ == "__main__":
    main()
