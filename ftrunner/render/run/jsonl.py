"""Events as JSON Lines, for programs: one object a line, each with its schema version."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from threading import Lock
from typing import TextIO

from ftrunner.events import Event, as_document
from ftrunner.text import dumps, is_unicode


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
