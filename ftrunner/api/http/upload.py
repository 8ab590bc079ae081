"""A file on its way to a provider, in the style that its profile names."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urljoin

from ftrunner.api.errors import ApiError
from ftrunner.api.fields import Document, MissingField, encode, identifier, mapping
from ftrunner.api.http.caller import Caller
from ftrunner.api.http.exchange import Form, Progress, Response, Stream, Upload
from ftrunner.providers.wire_mapping import UploadStyle
from ftrunner.urls import leads_here

AT_ONCE = 4
PART_BYTES = 8 * 1024 * 1024  # memory holds AT_ONCE + 1 parts
_CREATE = "create_file"


def send_file(caller: Caller, upload: Upload, on_progress: Progress | None) -> Document:
    """The provider's record of the file, once all of it was sent.

    Raises any ApiError, SourceChanged, and whatever `upload.blocks` raises.
    """
    if _goes_in_parts(caller, upload):
        return _in_parts(caller, upload, on_progress)
    form = caller.profile.upload
    extension = upload.filename.rpartition(".")[2]
    fields = tuple(
        (name, text.format(filename=upload.filename, extension=extension))
        for name, text in (("purpose", caller.profile.purpose), *form.fields.items())
    )
    if form.style is UploadStyle.REDIRECT:
        return _redirected(caller, fields, Stream(upload, on_progress))
    body = Form(fields, upload, on_progress=on_progress)
    return caller.document(_CREATE, body=body)


def _redirected(caller: Caller, fields: tuple[tuple[str, str], ...], file: Stream) -> Document:
    """Announce the file, send its bytes to the address in the answer, and say that it is there."""
    announced = caller.send(_CREATE, body=Form(fields), redirects=True)
    file_id = announced.headers.get(caller.profile.upload.id_header or "")
    if not file_id:
        raise caller.bad_response(
            _CREATE, f"the answer has no {caller.profile.upload.id_header}", announced
        )
    caller.put(_CREATE, _address(caller, announced), file)
    return caller.document("finish_file", file_id)


def _address(caller: Caller, announced: Response) -> str:
    """Where the file goes: https, or this machine."""
    url = urljoin(caller.base_url, announced.headers.get("location", ""))
    if url.startswith("https://") or leads_here(url):
        return url
    raise caller.bad_response(_CREATE, "it points to an address without encryption", announced)


def _goes_in_parts(caller: Caller, upload: Upload) -> bool:
    """Whether the file is larger than the provider takes in one request, and it takes parts."""
    limit = caller.profile.limits.file_bytes
    return (
        limit is not None and upload.size > limit and "create_upload" in caller.profile.operations
    )


def _in_parts(caller: Caller, upload: Upload, on_progress: Progress | None) -> Document:
    """The same for a large file: several parts at a time; one that fails is sent again alone.

    Nothing is a file before the upload is completed, so everything up to that request may be
    repeated. The upload is cancelled where it fails.
    """
    announced = {
        "filename": upload.filename,
        "purpose": caller.profile.purpose,
        "bytes": upload.size,
        "mime_type": "text/jsonl",
    }
    upload_id = _id(
        caller, "create_upload", caller.document("create_upload", body=encode(announced))
    )
    digest = hashlib.md5(usedforsecurity=False)
    try:
        part_ids = list(_send_parts(caller, upload_id, upload, digest, on_progress))
    except BaseException:
        with suppress(ApiError):
            caller.send("cancel_upload", upload_id)
        raise
    completion = {"part_ids": part_ids, "md5": digest.hexdigest()}
    done = caller.document("complete_upload", upload_id, body=encode(completion))
    return dict(mapping(done, "file"))


def _send_parts(
    caller: Caller,
    upload_id: str,
    upload: Upload,
    digest: hashlib._Hash,
    on_progress: Progress | None,
) -> Iterator[str]:
    """The parts' ids in order; never more than AT_ONCE parts are on their way."""
    size = min(PART_BYTES, caller.profile.limits.part_bytes or PART_BYTES)
    under_way: deque[tuple[Future[str], int]] = deque()
    sent = 0

    def arrived() -> str:
        nonlocal sent
        future, length = under_way.popleft()
        part_id = future.result()
        sent += length
        if on_progress is not None:
            on_progress(sent)
        return part_id

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for part in _parts(upload, size):
                digest.update(part)
                under_way.append((pool.submit(_send_part, caller, upload_id, part), len(part)))
                if len(under_way) == AT_ONCE:
                    yield arrived()
            while under_way:
                yield arrived()
        finally:
            pool.shutdown(cancel_futures=True)


def _send_part(caller: Caller, upload_id: str, part: bytes) -> str:
    body = Form((), Upload("part", len(part), lambda: iter((part,))), file_field="data")
    return _id(caller, "add_upload_part", caller.document("add_upload_part", upload_id, body=body))


def _parts(upload: Upload, size: int) -> Iterator[bytes]:
    """The file in pieces of `size`. Raises SourceChanged where it is not what was announced."""
    part = bytearray()
    for block in upload.checked_blocks():
        part += block
        while len(part) >= size:
            yield bytes(part[:size])
            del part[:size]
    if part:
        yield bytes(part)


def _id(caller: Caller, operation: str, document: Document) -> str:
    try:
        return identifier(document, "id")
    except MissingField as missing:
        raise caller.bad_response(operation, f"the answer has no {missing}") from None
