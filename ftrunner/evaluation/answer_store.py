"""Answers that were paid for, kept so that no question is asked twice.

One file for each model at each endpoint; a line for each answer, added as it comes. A line is
written in one call, so that a killed run leaves at most one torn line, which is skipped. The last
line of a question counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import msgspec

from ftrunner.canonical import content_hash
from ftrunner.clock import Clock
from ftrunner.errors import explained
from ftrunner.evaluation.answer import Answer
from ftrunner.fsio import PRIVATE_FILE, PRIVATE_FOLDER
from ftrunner.state.mutex import Holder, sole_writer

_HINT = "free some space, or make the spec's folder writable; the answers stored so far are kept"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80


class StoredAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: the question's key, when the answer came (Unix seconds), and the answer."""

    key: str
    at: float
    answer: Answer

    def to_bytes(self) -> bytes:
        """The line, without its end."""
        return _ENCODER.encode(self)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(StoredAnswer)


def question_key(
    endpoint: str,
    model: str,
    messages: Sequence[Mapping[str, Any]],
    request: Mapping[str, Any],
    attempt: int,
) -> str:
    """What makes two questions the same: everything that is sent, where to, and which try it is."""
    return content_hash(
        {
            "endpoint": endpoint,
            "model": model,
            "messages": messages,
            "request": request,
            "attempt": attempt,
        }
    )


def store_path(folder: Path, endpoint: str, model: str) -> Path:
    """The file for a model at an endpoint; names that were cut or changed get a hash."""
    return folder / _file_name(endpoint) / f"{_file_name(model)}.jsonl"


def stored_keys(path: Path, oldest: float) -> frozenset[str]:
    """The questions whose answers are in a file and not older than `oldest`, in Unix seconds.

    None where the file is missing or cannot be read.
    """
    with suppress(OSError), path.open("rb") as file:
        lines = filter(None, map(_decoded, file))
        return frozenset(line.key for line in lines if line.at >= oldest)
    return frozenset()


class AnswerStore:
    """The stored answers of one model, for the process that holds the file.

    An answer older than `max_age` seconds is not given. `redact` is applied to every line before
    it is written.
    """

    def __init__(
        self, path: Path, *, clock: Clock, max_age: float, redact: Callable[[bytes], bytes]
    ) -> None:
        self._path = path
        self.clock = clock
        self._max_age = max_age
        self._redact = redact
        self._places: dict[str, tuple[int, int]] = {}
        self._file: BinaryIO | None = None
        self._lock = Lock()

    @contextmanager
    def opened(self, on_wait: Callable[[Holder | None], None]) -> Iterator[AnswerStore]:
        """Hold the file for the block; another run on it waits, then finds what is stored.

        Raises StateError where the file cannot be read or written.
        """
        mutex = self._path.with_suffix(".lock")
        with explained(self._path, hint=_HINT):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        with sole_writer(mutex, clock=self.clock, wait=True, on_wait=on_wait):
            with explained(self._path, hint=_HINT):
                self._file = open(self._path, "a+b", 0, opener=_private)  # noqa: SIM115
            try:
                with explained(self._path, hint=_HINT):
                    self._read_places(self._file)
                yield self
            finally:
                self._file.close()

    def get(self, key: str) -> StoredAnswer | None:
        """The stored answer to a question, unless there is none or it is too old."""
        place = self._places.get(key)
        if place is None:
            return None
        line = _decoded(self._read(*place))
        if line is None or self.clock.now() - line.at > self._max_age:
            return None
        return line

    def put(self, stored: StoredAnswer) -> StoredAnswer:
        """Store an answer; the answer as it is stored, without secrets. Several threads may.

        Raises StateError where the disk refuses.
        """
        assert self._file is not None, "the store is open"
        data = stored.to_bytes()
        kept = self._redact(data)
        line = kept + b"\n"
        with self._lock, explained(self._path, hint=_HINT):
            offset = self._file.seek(0, os.SEEK_END)
            written = self._file.write(line) or 0
            if written < len(line):
                self._file.truncate(offset)
                raise OSError(ENOSPC, os.strerror(ENOSPC), str(self._path))
            self._places[stored.key] = (offset, len(line) - 1)
        return stored if kept == data else _decoded(kept) or stored

    def _read(self, offset: int, length: int) -> bytes:
        assert self._file is not None, "the store is open"
        with self._lock, explained(self._path, hint=_HINT):
            self._file.seek(offset)
            return self._file.read(length)

    def _read_places(self, file: BinaryIO) -> None:
        """Where each question's last whole line is. A torn end is closed by a line break."""
        offset, line = 0, b"\n"
        with self._path.open("rb") as buffered:  # `file` would be read byte by byte
            for line in buffered:
                key = _key(line)
                if key is not None:
                    self._places[key] = (offset, len(line) - 1)
                offset += len(line)
        if not line.endswith(b"\n"):
            file.write(b"\n")


def _key(line: bytes) -> str | None:
    decoded = _decoded(line) if line.endswith(b"\n") else None
    return decoded.key if decoded else None


def _decoded(line: bytes) -> StoredAnswer | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)


def _file_name(text: str) -> str:
    """A name that every file system takes; different texts have different names."""
    name = _UNSAFE.sub("-", text).strip("-.")[:_LONGEST_NAME]
    if name == text:
        return name
    return f"{name}-{sha256(text.encode()).hexdigest()[:12]}"
