"""HTTP by `requests`.

Whatever goes wrong in that library comes out as an ApiError; a response of any status is a
Response.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from types import TracebackType
from typing import Any, Self

import requests
import urllib3.exceptions
from requests_toolbelt import MultipartEncoder

from ftrunner.api.errors import BadResponse
from ftrunner.api.http.connection import Adapter, certificates, patient
from ftrunner.api.http.credential import origin
from ftrunner.api.http.exchange import Body, Form, Progress, Request, Response, Stream, Upload
from ftrunner.api.http.failures import as_api_error
from ftrunner.api.redaction import Redactor, secrets_of
from ftrunner.clock import Clock, SystemClock
from ftrunner.urls import leads_here

_DEFAULTS = {"Accept-Encoding": requests.utils.default_headers()["Accept-Encoding"]}
_PIECE = 64 * 1024  # bytes of the answer read at a time, before decompression


class RequestsTransport:
    """Keeps connections open between requests; a context manager that closes them.

    The environment's certificates are honoured, and its proxies except for this machine's own
    addresses. A `.netrc` is never read, redirects are never followed, cookies are never kept: it
    sends by the library's adapter, and all of these come with its sessions.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._adapter = Adapter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._adapter.close()

    def send(self, request: Request) -> Response:
        """The response, read to its end. Raises an ApiError where there is none.

        Raises what `Upload.blocks` or the sink raises where that broke the request off.
        """
        source = _source(request.body)
        with _explained(request, source):
            prepared = _prepared(request, source)
        proxies = _proxies(request.url)
        with _explained(request, source, proxies), patient(self._clock, request.timeout):
            answer = self._adapter.send(
                prepared,
                stream=True,
                timeout=(request.timeout.connect, request.timeout.headers),
                verify=certificates(request.url),
                proxies=proxies,
            )
        with answer:
            return _response(answer, request)


def _proxies(url: str) -> Mapping[str, str]:
    """The environment's proxies on the way to `url`; there is none to this machine."""
    return {} if leads_here(url) else requests.utils.get_environ_proxies(url)


class Unread(Exception):
    """The body could not be read; the source's `failure` says why."""


class Source:
    """The file of an upload as the file object that the library reads.

    What goes wrong while reading is kept in `failure`, and never an OSError: the library would take
    that for the connection's, and wait for the answer after a broken pipe.
    """

    def __init__(self, file: Upload, on_progress: Progress | None = None) -> None:
        self._size = self.len = file.size  # `len`, bytes still to be read, is the library's name
        self._blocks = file.checked_blocks()
        self._on_progress = on_progress
        self._pending = b""
        self.failure: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, none only at the end."""
        if not self.len:
            return b""
        try:
            block = self._pending or next(self._blocks)
            end = len(block) if size < 0 else min(size, len(block))
            self._pending = block[end:]
            self.len -= end
            if self._on_progress is not None:
                self._on_progress(self._size - self.len)
        except Exception as error:
            self.failure = error
            raise Unread from error
        return block[:end]


@contextmanager
def _explained(
    request: Request, source: Source | None = None, proxies: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Trouble of the library's is an ApiError; what broke the source off is raised as it was."""
    try:
        yield
    except (OSError, urllib3.exceptions.HTTPError, Unread) as error:
        if source is not None and source.failure is not None:
            raise source.failure from None
        proxy = requests.utils.select_proxy(request.url, proxies) if proxies else None
        redactor = Redactor(secrets_of(request))
        raise as_api_error(error, request.url, proxy, redactor) from error


def _response(answer: requests.Response, request: Request) -> Response:
    """The answer, read to its end."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    blocks = _blocks(answer, request)
    start = Response(answer.status_code, headers, next(blocks, b""))
    if request.sink is None or not start.is_success or start.is_page:
        return replace(start, body=start.body + b"".join(blocks))
    request.sink(chain((start.body,), blocks))
    return replace(start, body=b"")


def _blocks(answer: requests.Response, request: Request) -> Iterator[bytes]:
    """The body as it comes, bounded in size; the connection bounds it in time."""
    size = 0
    while True:
        with _explained(request):
            block: bytes = answer.raw.read1(_PIECE, decode_content=True)
        if not block:
            return
        size += len(block)
        if size > request.max_bytes:
            limit = f"{request.max_bytes:,} bytes"
            raise BadResponse(
                f"the answer of {origin(request.url)} is longer than {limit}",
                code="FT306",
                status=answer.status_code,
            )
        yield block


def _source(body: Body | None) -> Source | None:
    """What reads the file in `body`, where there is one."""
    if isinstance(body, Form | Stream) and body.file is not None:
        return Source(body.file, body.on_progress)
    return None


def _prepared(request: Request, source: Source | None) -> requests.PreparedRequest:
    """Without the library's cookies and hooks. The key is set last: no header can replace it."""
    headers, body = _encoded(request, source)
    prepared = requests.PreparedRequest()
    prepared.prepare_method(request.method)
    prepared.prepare_url(request.address, "")
    prepared.prepare_headers(headers)
    prepared.prepare_body(body, None)
    if request.credential is not None:
        prepared.headers[request.credential.header] = request.credential.value
    return prepared


def _encoded(request: Request, source: Source | None) -> tuple[dict[str, str], Any]:
    headers = {**_DEFAULTS, **request.headers}
    form = request.body
    if not isinstance(form, Form):
        return headers, source or request.body
    parts: list[tuple[str, Any]] = list(form.fields)
    if form.file is not None:
        parts.append((form.file_field, (form.file.filename, source, "application/octet-stream")))
    encoder = MultipartEncoder(parts)
    return {**headers, "Content-Type": encoder.content_type}, encoder
