"""A file on its way to a provider, in the style that its profile names."""

from __future__ import annotations

from urllib.parse import urljoin

from ftrunner.api.fields import Document
from ftrunner.api.http.caller import Caller
from ftrunner.api.http.exchange import Form, Progress, Response, Stream, Upload
from ftrunner.api.http.parts import goes_in_parts, send_in_parts
from ftrunner.providers.wire_mapping import UploadStyle
from ftrunner.urls import leads_here

_CREATE = "create_file"


def send_file(caller: Caller, upload: Upload, on_progress: Progress | None) -> Document:
    """The provider's record of the file, once all of it was sent.

    Raises any ApiError, SourceChanged, and whatever `upload.blocks` raises.
    """
    if goes_in_parts(caller, upload):
        return send_in_parts(caller, upload, on_progress)
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
