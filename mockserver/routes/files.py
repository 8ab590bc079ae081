"""`/files`: upload, list, retrieve, content, delete."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from mockserver import respond
from mockserver.access import owner_of
from mockserver.errors import bad_request, no_such_file
from mockserver.jobs import settle
from mockserver.provider import Provider
from mockserver.records import File
from mockserver.rules.files import check_purpose, expiry

MAX_PAGE = 10_000


class Files:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create(self, request: Request) -> Response:
        settle(self._provider)
        async with request.form(max_files=1, max_fields=10) as form:
            upload = _uploaded(form)
            purpose = check_purpose(form.get("purpose"))
            seconds = expiry(form.get("expires_after[anchor]"), form.get("expires_after[seconds]"))
            content = await asyncio.to_thread(self._provider.store.blobs.put, upload.file)
        now = int(self._provider.clock.now())
        file = File(
            id=self._provider.ids.new("file"),
            owner=owner_of(request),
            created_at=now,
            bytes=upload.size or 0,
            filename=upload.filename or "file",
            purpose=purpose,
            expires_at=None if seconds is None else now + seconds,
            content=content,
        )
        self._provider.store.files.add(file)
        return respond.document(file_document(file))

    async def list(self, request: Request) -> Response:
        settle(self._provider)
        purpose = request.query_params.get("purpose")
        page = respond.page_of(
            self._provider.store.files,
            request,
            owner_of(request),
            default=MAX_PAGE,
            maximum=MAX_PAGE,
            labels={"purpose": purpose} if purpose else None,
        )
        now = self._provider.clock.now()
        items = [file_document(file) for file in page.items if not _expired(file, now)]
        return respond.document(respond.listing(items, has_more=page.has_more))

    async def retrieve(self, request: Request) -> Response:
        return respond.document(file_document(self._find(request)))

    async def content(self, request: Request) -> Response:
        file = self._find(request)
        return FileResponse(
            self._provider.store.blobs.path(file.content),
            media_type="application/octet-stream",
        )

    async def delete(self, request: Request) -> Response:
        file = self._find(request)
        self._provider.store.files.remove(file)
        return respond.document({"id": file.id, "object": "file", "deleted": True})

    def _find(self, request: Request) -> File:
        settle(self._provider)
        return find_file(self._provider, request.path_params["file_id"], owner_of(request))


def find_file(provider: Provider, file_id: str, owner: str, *, param: str = "id") -> File:
    """The file, or a 404 that blames `param`."""
    file = provider.store.files.get(file_id, owner)
    if file is None or _expired(file, provider.clock.now()):
        raise no_such_file(file_id, param=param)
    return file


def file_document(file: File) -> dict[str, Any]:
    found: dict[str, Any] = {
        "object": "file",
        "id": file.id,
        "purpose": file.purpose,
        "filename": file.filename,
        "bytes": file.bytes,
        "created_at": file.created_at,
        "status": "processed",
    }
    if file.expires_at is not None:
        found["expires_at"] = file.expires_at
    return found


def _expired(file: File, now: float) -> bool:
    return file.expires_at is not None and file.expires_at <= now


def _uploaded(form: FormData) -> UploadFile:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise bad_request(
            "Missing required parameter: 'file'.", param="file", code="missing_required_parameter"
        )
    return file
