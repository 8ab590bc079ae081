"""Events as JSON Lines, for programs: one object a line, each with its schema version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from threading import Lock
from typing import IO, TextIO

from ftrunner.events import Event, as_document


class JsonLines:
    """Writes every event to `stream` as it comes, with the fields of `about` in each.

    Several that share a stream share a `lock`; parts of a file are sent by several threads.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        about: Mapping[str, str] | None = None,
        lock: AbstractContextManager[object] | None = None,
    ) -> None:
        self._stream = stream
        self._about = about or {}
        self._lock = lock or Lock()

    def __call__(self, event: Event) -> None:
        document = {**as_document(event), **self._about}
        line = f"{dumps(document, ascii_only=not is_unicode(self._stream))}\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


def dumps(document: object, *, ascii_only: bool = False) -> str:
    """One line of JSON; characters outside ASCII as they are, or as JSON's escapes."""
    return json.dumps(document, ensure_ascii=ascii_only)


def is_unicode(stream: IO[str]) -> bool:
    """Whether every character can be written to `stream`."""
    encoding: str | None = getattr(stream, "encoding", None)
    return (encoding or "utf-8").lower().replace("_", "-").startswith("utf")
