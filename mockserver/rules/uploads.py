"""The rules for uploads in parts.

Source: the contract's `CreateUploadRequest`, `CompleteUploadRequest` and the texts of the
`/uploads` operations: 8 GB in all, 64 MB a part, one hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mockserver.data.records import Part, Upload
from mockserver.http.errors import bad_request
from mockserver.rules.files import MAX_EXPIRY, MIN_EXPIRY

LIFETIME = 3600
MAX_UPLOAD = 8 * 1024**3
MAX_PART = 64 * 1024**2


class ExpiresAfter(msgspec.Struct, forbid_unknown_fields=True):
    anchor: Literal["created_at"]
    seconds: Annotated[int, Meta(ge=MIN_EXPIRY, le=MAX_EXPIRY)]


class CreateUpload(msgspec.Struct, forbid_unknown_fields=True):
    filename: str
    purpose: Literal["assistants", "batch", "fine-tune", "vision"]
    bytes: Annotated[int, Meta(ge=0)]
    mime_type: str
    expires_after: ExpiresAfter | None = None


class CompleteUpload(msgspec.Struct, forbid_unknown_fields=True):
    part_ids: list[str]
    md5: str | None = None


def check_upload(asked: CreateUpload) -> None:
    if asked.bytes > MAX_UPLOAD:
        raise bad_request(
            f"An upload has at most {MAX_UPLOAD} bytes.", param="bytes", code="upload_too_large"
        )


def check_part(size: int) -> None:
    if size > MAX_PART:
        raise bad_request(
            f"A part has at most {MAX_PART} bytes, but got {size}.",
            param="data",
            code="part_too_large",
        )


def check_pending(upload: Upload, now: float) -> None:
    status = upload.status
    if status == "pending" and now < upload.expires_at:
        return
    word = "expired" if status == "pending" else status
    raise bad_request(
        f"Upload {upload.id} is {word}.", param="upload_id", code="upload_not_pending"
    )


def check_complete(upload: Upload, parts: Sequence[Part]) -> None:
    if len({part.id for part in parts}) < len(parts):
        raise bad_request("A part may be used only once.", param="part_ids", code="invalid_value")
    size = sum(part.bytes for part in parts)
    if size != upload.bytes:
        raise bad_request(
            f"The parts have {size} bytes in all, but the upload was created for {upload.bytes}.",
            param="part_ids",
            code="invalid_upload_size",
        )
