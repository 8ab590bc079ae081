"""Reads multipart forms: one file, spooled to disk, and a few short fields."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mockserver.http.errors import bad_request

MAX_FIELDS = 16


@asynccontextmanager
async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The form of a request, whose spooled files are removed afterwards; a 400 if invalid."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise bad_request(
            f"Invalid content type {kind[:80]!r}: this endpoint expects multipart/form-data."
        )
    try:
        form = await request.form(max_files=1, max_fields=MAX_FIELDS)
    except (HTTPException, FormParserError) as error:
        # starlette handles some malformed forms and raises the parser's error for others.
        fault = error.detail if isinstance(error, HTTPException) else str(error)
        raise bad_request(f"Could not parse multipart form: {fault}") from None
    try:
        yield form
    finally:
        await form.close()


def uploaded(form: FormData, name: str) -> UploadFile:
    """The file in the field `name`, or a 400 for a form without it."""
    file = form.get(name)
    if not isinstance(file, UploadFile):
        raise bad_request(
            f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
        )
    return file
