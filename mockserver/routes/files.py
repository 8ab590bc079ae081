"""`/files`: upload, list, retrieve, content, delete."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from mockserver.data.files import delete_file, expired, find_file, store_file
from mockserver.data.records import File
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.jobs.settling import settle
from mockserver.provider import Provider
from mockserver.routes.forms import read_form, uploaded
from mockserver.rules.files import check_purpose, expiry

PAGING = respond.Paging(default=10_000, maximum=10_000)


class Files:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create(self, request: Request) -> Response:
        settle(self._provider)
        async with read_form(request) as form:
            upload = uploaded(form, "file")
            purpose = check_purpose(form.get("purpose"))
            seconds = expiry(form.get("expires_after[anchor]"), form.get("expires_after[seconds]"))
            blob = await asyncio.to_thread(self._provider.store.blobs.put, upload.file)
        file = store_file(
            self._provider,
            blob,
            owner=owner_of(request),
            filename=upload.filename or "file",
            purpose=purpose,
            expires_after=seconds,
        )
        return respond.document(file_document(file))

    async def list(self, request: Request) -> Response:
        settle(self._provider)
        purpose = request.query_params.get("purpose")
        page = respond.page_of(
            self._provider.store.files,
            request,
            owner_of(request),
            PAGING,
            labels={"purpose": purpose} if purpose else None,
        )
        now = self._provider.clock.now()
        items = [file_document(file) for file in page.items if not expired(file, now)]
        return respond.document(respond.listing(items, has_more=page.has_more))

    async def retrieve(self, request: Request) -> Response:
        return respond.document(file_document(self._find(request)))

    async def content(self, request: Request) -> Response:
        path = self._provider.store.blobs.path(self._find(request).content)
        path.stat()  # starlette raises an internal error for a file that was removed
        return FileResponse(path, media_type="application/octet-stream")

    async def delete(self, request: Request) -> Response:
        file = self._find(request)
        delete_file(self._provider, file)
        return respond.document({"id": file.id, "object": "file", "deleted": True})

    def _find(self, request: Request) -> File:
        settle(self._provider)
        return find_file(self._provider, request.path_params["file_id"], owner_of(request))


def file_document(file: File) -> dict[str, Any]:
    found: dict[str, Any] = {
        "object": "file",
        "id": file.id,
        "purpose": file.purpose,
        "filename": file.filename,
        "bytes": file.bytes,
        "created_at": file.created_at,
        "status": "processed",
        "status_details": None,  # recorded so, whatever the contract says of its type
    }
    if file.expires_at is not None:
        found["expires_at"] = file.expires_at
    return found
