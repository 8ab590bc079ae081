"""The bytes of files; each is written completely before it gets its final name."""

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
    """A stored blob: its key, its length and the SHA-256 of its bytes."""

    key: str
    bytes: int
    digest: str


class Blobs:
    """Blobs by key, in one folder; they are streamed, never held in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._make_folder()

    def put(self, *sources: BinaryIO) -> Blob:
        """Copy the streams completely, one after another."""
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
        """A new blob with the contents of several, in order."""
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
        # Before each file, because systems clean up temporary folders.
        self._folder.mkdir(parents=True, exist_ok=True)
