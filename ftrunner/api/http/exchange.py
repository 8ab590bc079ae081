"""One request and its response, as values; what a transport is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from ftrunner.api.errors import SourceChanged
from ftrunner.api.http.credential import Credential

RESPONSE_BYTES = 64 * 1024 * 1024  # of JSON; the largest page of any list is far below
_PAGE_START = 4_000  # bytes in which a web page shows that it is one
_PAGES = (b"<!doctype html", b"<html")
_PAGE_TYPES = ("text/html", "application/xhtml+xml")

Progress = Callable[[int], None]
# Takes a body block by block, as it comes.
Sink = Callable[[Iterator[bytes]], None]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send: `size` bytes, which `blocks()` yields from the start each time it is called.

    `blocks` may raise; the request is then broken off and the exception reaches the caller.
    """

    filename: str
    size: int
    blocks: Callable[[], Iterator[bytes]]

    def checked_blocks(self) -> Iterator[bytes]:
        """`blocks`, and no other size than was promised. Raises SourceChanged.

        The last block is held back until nothing follows it, so a source that grew is never sent
        whole.
        """
        left, blocks = self.size, filter(None, self.blocks())
        for block in blocks:
            left -= len(block)
            if left < 0 or (left == 0 and next(blocks, None)):
                raise self._changed()
            yield block
        if left:
            raise self._changed()

    def _changed(self) -> SourceChanged:
        return SourceChanged(
            f"{self.filename} changed while it was being sent.",
            code="FT327",
            hint="nothing was uploaded; try again when the file no longer changes",
        )


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart body: plain fields, then one file, where there is one.

    `on_progress` gets the bytes sent so far.
    """

    fields: tuple[tuple[str, str], ...]
    file: Upload | None = None
    file_field: str = "file"
    on_progress: Progress | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is a file and nothing else. `on_progress` gets the bytes sent so far."""

    file: Upload
    on_progress: Progress | None = field(default=None, compare=False, repr=False)


Body = bytes | Form | Stream


@dataclass(frozen=True, slots=True)
class Timeout:
    """Seconds to wait for a connection; for all headers of the answer, from the last byte sent on;
    for all of its body; and for each piece of that.
    """

    connect: float = 30.0
    headers: float = 120.0
    body: float = 60.0
    read: float = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. The key is in `credential` alone, and in no repr.

    `sink`, where there is one, is handed the body of a success, from its start at each try; no
    more of it is in memory than a block. What it raises breaks the request off and reaches the
    caller.
    """

    method: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Body | None = field(default=None, repr=False)
    credential: Credential | None = None
    timeout: Timeout = Timeout()
    max_bytes: int = RESPONSE_BYTES
    sink: Sink | None = field(default=None, compare=False, repr=False)

    @property
    def address(self) -> str:
        """The URL with its query."""
        return f"{self.url}?{urlencode(self.params)}" if self.params else self.url


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response, of any status. Header names are in lower case.

    `body` is empty where the request's sink was handed it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Whether `body`, or its first bytes, is a web page: nothing that any API answers with."""
        start = self.body[:_PAGE_START].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return start.startswith(_PAGES) or (kind in _PAGE_TYPES and start.startswith(b"<"))


class Transport(Protocol):
    """What carries requests. A response of any status is returned; all else is an ApiError."""

    def send(self, request: Request) -> Response: ...
