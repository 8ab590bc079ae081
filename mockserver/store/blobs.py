"""The bytes of files, each in a file of its own, written in full before it has its name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blob:
    """What was stored: its key, its length and the SHA-256 of its bytes."""

    key: str
    bytes: int
    digest: str


class Blobs:
    """Bytes by key, in one folder. Nothing is ever held in memory as a whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._make_folder()

    def put(self, *sources: BinaryIO) -> Blob:
        """Copy streams to their ends, one after another."""
        key = secrets.token_hex(16)
        digest, size = hashlib.sha256(), 0
        partial = self._folder / f"{key}.part"
        self._make_folder()
        with partial.open("wb") as target:
            for source in sources:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    size += target.write(chunk)
        partial.replace(self.path(key))
        return Blob(key, size, digest.hexdigest())

    def join(self, keys: Iterable[str]) -> Blob:
        """The contents of several blobs, one after another, as a new one."""
        with ExitStack() as opened:
            return self.put(*(opened.enter_context(self.path(key).open("rb")) for key in keys))

    def path(self, key: str) -> Path:
        return self._folder / key

    def remove(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def clear(self) -> None:
        for path in self._folder.glob("*"):
            path.unlink(missing_ok=True)

    def _make_folder(self) -> None:
        # Again before each file: machines sweep folders for temporary files.
        self._folder.mkdir(parents=True, exist_ok=True)
