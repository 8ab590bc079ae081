"""The bytes of files, each in a file of its own, written in full before it has its name."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024 * 1024


class Blobs:
    """Bytes by key, in one folder. Nothing is ever held in memory as a whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, source: BinaryIO) -> str:
        """Copy a stream to its end and return the key of the copy."""
        key = secrets.token_hex(16)
        partial = self._folder / f"{key}.part"
        with partial.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        partial.replace(self.path(key))
        return key

    def join(self, keys: Iterable[str]) -> str:
        """The contents of several blobs, one after another, as a new one."""
        key = secrets.token_hex(16)
        partial = self._folder / f"{key}.part"
        with partial.open("wb") as target:
            for part in keys:
                with self.path(part).open("rb") as source:
                    shutil.copyfileobj(source, target, CHUNK)
        partial.replace(self.path(key))
        return key

    def path(self, key: str) -> Path:
        return self._folder / key

    def remove(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def clear(self) -> None:
        for path in self._folder.iterdir():
            path.unlink()
