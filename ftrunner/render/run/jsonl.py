"""Events as JSON Lines, for programs: one object a line, each with its schema version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import TextIO

from ftrunner.clock import Clock
from ftrunner.events import Emit, Event, as_document
from ftrunner.text import dumps, is_unicode


@contextmanager
def one_run(stream: TextIO, _clock: Clock, **_verbose: bool) -> Iterator[Emit]:
    """Every event, as it is."""
    yield JsonLines(stream)


@contextmanager
def several_runs(
    stream: TextIO, _clock: Clock, _specs: Sequence[Path]
) -> Iterator[Callable[[Path], Emit]]:
    """Every event, with its spec."""
    lock = Lock()
    yield lambda spec: JsonLines(stream, about={"spec": str(spec)}, lock=lock)


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
