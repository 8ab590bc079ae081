"""Writing state so that a crash leaves the old file or the new one, never half of either.

The four calls that matter go through a `Disk`, so that a test can record their order, fail one
of them, or die between two.
"""

from __future__ import annotations

import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

PRIVATE_FILE = 0o600
SHARED_FILE = 0o644
PRIVATE_FOLDER = 0o700
_TEMPORARY = ".tmp"


class Disk(Protocol):
    """The file system calls that state depends on, each a durable step of its own."""

    def write(self, path: Path, data: bytes, mode: int) -> None:
        """Create `path` with `data`; the bytes need not have reached the disk yet."""

    def sync(self, path: Path) -> None:
        """Force the file's, or the folder's, contents to the disk."""

    def rename(self, source: Path, target: Path) -> None:
        """Replace `target` by `source` in one step."""


class SystemDisk:
    """The machine's own file system."""

    def write(self, path: Path, data: bytes, mode: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no Path
            file.write(data)

    def sync(self, path: Path) -> None:
        if os.name == "nt" and path.is_dir():  # pragma: no cover - Windows syncs no folders
            return
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)


def write_atomically(
    path: Path, data: bytes, *, disk: Disk, mode: int = SHARED_FILE, durable: bool = True
) -> None:
    """Replace `path` by `data`, as `replacing` does."""
    with replacing(path, disk=disk, durable=durable) as temporary:
        disk.write(temporary, data, mode)


@contextmanager
def replacing(path: Path, *, disk: Disk, durable: bool = True) -> Iterator[Path]:
    """Replace `path` by what the block writes to the path it is given, a temporary file beside it:
    fsync, rename, fsync of the folder. Where the block raises, `path` stays what it was.

    What is not `durable` does without both fsyncs, which take longer than all the rest: it is
    whole, too, however the process dies, but a power cut may take it.
    """
    temporary = path.with_name(f"{_leftover_prefix(path)}{secrets.token_hex(4)}{_TEMPORARY}")
    try:
        yield temporary
        if durable:
            disk.sync(temporary)
        disk.rename(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        disk.sync(path.parent)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files of writers of `path` that were killed.

    Only for who may write `path` now: a living writer's file would be removed too.
    """
    for leftover in path.parent.glob(f"{glob.escape(_leftover_prefix(path))}*{_TEMPORARY}"):
        leftover.unlink(missing_ok=True)


def _leftover_prefix(path: Path) -> str:
    return f".{path.name}."
