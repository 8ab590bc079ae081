"""`/uploads`: large files in parts; create, complete, cancel."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.data.files import store_file
from mockserver.data.records import Part, Upload
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.body import read_as
from mockserver.http.errors import WireError, bad_request, no_such
from mockserver.provider import Provider
from mockserver.routes.files import file_document
from mockserver.routes.forms import read_form, uploaded
from mockserver.rules.uploads import (
    LIFETIME,
    CompleteUpload,
    CreateUpload,
    check_complete,
    check_part,
    check_pending,
    check_upload,
)
from mockserver.store.blobs import Blob, Blobs


class Uploads:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._joining: set[str] = set()
        """The uploads that a request is completing now."""

    async def create(self, request: Request) -> Response:
        asked = await read_as(request, CreateUpload)
        check_upload(asked)
        now = int(self._provider.clock.now())
        upload = Upload(
            id=self._provider.ids.new("upload"),
            owner=owner_of(request),
            created_at=now,
            expires_at=now + LIFETIME,
            filename=asked.filename,
            purpose=asked.purpose,
            bytes=asked.bytes,
            file_expires_after=asked.expires_after.seconds if asked.expires_after else None,
        )
        self._provider.store.uploads.add(upload)
        return self._document(upload)

    async def add_part(self, request: Request) -> Response:
        upload = self._find_pending(request)
        async with read_form(request) as form:
            sent = uploaded(form, "data")
            check_part(sent.size or 0)
            blob = await asyncio.to_thread(self._provider.store.blobs.put, sent.file)
        try:
            self._find_pending(request)  # it may have been completed or cancelled meanwhile
        except WireError:
            self._provider.store.blobs.remove(blob.key)
            raise
        part = Part(
            id=self._provider.ids.new("part"),
            owner=upload.owner,
            created_at=int(self._provider.clock.now()),
            upload=upload.id,
            bytes=blob.bytes,
            content=blob.key,
        )
        self._provider.store.parts.add(part)
        return respond.document(
            {
                "id": part.id,
                "object": "upload.part",
                "created_at": part.created_at,
                "upload_id": upload.id,
            }
        )

    async def complete(self, request: Request) -> Response:
        asked = await read_as(request, CompleteUpload)
        upload = self._find_pending(request)
        parts = [self._part(part_id, upload) for part_id in asked.part_ids]
        check_complete(upload, parts)
        self._joining.add(upload.id)
        try:
            keys = [part.content for part in parts]
            blob = await asyncio.to_thread(_joined, self._provider.store.blobs, keys, asked.md5)
        finally:
            self._joining.remove(upload.id)
        with self._provider.store.transaction():
            file = store_file(
                self._provider,
                blob,
                owner=upload.owner,
                filename=upload.filename,
                purpose=upload.purpose,
                expires_after=upload.file_expires_after,
            )
            completed = replace(upload, status="completed", file=file.id)
            self._provider.store.uploads.replace(completed)
        return self._finished(completed)

    async def cancel(self, request: Request) -> Response:
        cancelled = replace(self._find_pending(request), status="cancelled")
        self._provider.store.uploads.replace(cancelled)
        return self._finished(cancelled)

    def _finished(self, upload: Upload) -> Response:
        """The response for an upload that has ended; its parts are deleted."""
        for part in self._provider.store.parts.every(upload=upload.id):
            self._provider.store.blobs.remove(part.content)
            self._provider.store.parts.remove(part)
        return self._document(upload)

    def _find_pending(self, request: Request) -> Upload:
        upload_id = request.path_params["upload_id"]
        upload = self._provider.store.uploads.get(upload_id, owner_of(request))
        if upload is None:
            raise no_such("upload", upload_id)
        if upload.id in self._joining:  # only the first of concurrent requests completes it
            upload = replace(upload, status="completed")
        check_pending(upload, self._provider.clock.now())
        return upload

    def _part(self, part_id: str, upload: Upload) -> Part:
        part = self._provider.store.parts.get(part_id, upload.owner)
        if part is None or part.upload != upload.id:
            raise no_such("part of this upload", part_id)
        return part

    def _document(self, upload: Upload) -> Response:
        document: dict[str, Any] = {
            "id": upload.id,
            "object": "upload",
            "bytes": upload.bytes,
            "created_at": upload.created_at,
            "filename": upload.filename,
            "purpose": upload.purpose,
            "status": upload.status,
            "expires_at": upload.expires_at,
        }
        file = self._provider.store.files.get(upload.file, upload.owner) if upload.file else None
        if file is not None:
            document["file"] = file_document(file)
        return respond.document(document)


def _joined(blobs: Blobs, keys: list[str], md5: str | None) -> Blob:
    """The parts as one blob, which is removed again if its MD5 does not match."""
    blob = blobs.join(keys)
    try:
        if md5 is not None:
            _check_md5(blobs.path(blob.key), md5)
    except WireError:
        blobs.remove(blob.key)
        raise
    return blob


def _check_md5(path: Path, wanted: str) -> None:
    with path.open("rb") as content:
        found = hashlib.file_digest(content, _md5).hexdigest()
    if found != wanted.lower():
        raise bad_request(
            "The MD5 of the uploaded parts does not match the given one.",
            param="md5",
            code="checksum_mismatch",
        )


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)
