"""Opening data files so that reading them ends, even while somebody appends to them."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ftrunner.fsio import open_regular


class Snapshot(io.RawIOBase):
    """A file up to the size it had when it was opened."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = open_regular(path)
        self._left = os.fstat(self._file.fileno()).st_size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        count = self._file.readinto(memoryview(buffer)[: max(0, self._left)])
        self._left -= count
        return count

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._file.read(max(0, wanted))
        self._left -= len(data)
        return data

    def skip(self, count: int) -> None:
        """Leave out the next `count` bytes."""
        self._file.seek(count, os.SEEK_CUR)
        self._left -= count

    def close(self) -> None:
        self._file.close()
        super().close()


Stream = Snapshot | gzip.GzipFile


def is_compressed(path: Path) -> bool:
    """Whether the file's name says that it is gzip data."""
    return path.name.lower().endswith(".gz")


@contextmanager
def open_plain(path: Path) -> Iterator[Stream]:
    """The file's own bytes, decompressed where its name ends in `.gz`. Raises OSError."""
    with Snapshot(path) as snapshot:
        if is_compressed(path):
            with gzip.GzipFile(fileobj=snapshot, mode="rb") as unpacked:
                yield unpacked
        else:
            yield snapshot
