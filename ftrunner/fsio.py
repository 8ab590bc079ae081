"""Opening only regular files, the name that a missing one was probably meant to have, and replacing
files so that a crash leaves the old or the new one.

The four calls that matter when writing go through a `Disk`, so that a test can record their order,
fail one of them, or die between two.
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import Protocol

from ftrunner.text import nearest

PRIVATE_FILE = 0o600
SHARED_FILE = 0o644
PRIVATE_FOLDER = 0o700
_BLOCK = 1024 * 1024  # bytes read at a time: room for all that a file may have takes time to make
_TEMPORARY = ".tmp"
_MOST_BESIDE = 1_000  # names among which a misspelt one is sought
# Without O_NONBLOCK, opening a pipe waits for its other end. Windows has none of these flags.
_NEVER_WAIT = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegular(OSError):
    """A pipe, a device, a socket, or a link that is not followed, where a file is wanted."""

    def __init__(self, path: Path, mode: int) -> None:
        kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
        super().__init__(errno.EINVAL, f"it is {kind}, not a regular file", str(path))


def open_regular(path: Path, *, follow: bool = True) -> FileIO:
    """The regular file at `path`, open for reading and unbuffered; a link is followed if `follow`.

    Never waits and never reads from anything else: what was opened is checked, not its name.
    Raises NotRegular, IsADirectoryError, any other OSError, and ValueError for an impossible name.
    """
    if not follow:
        _refuse(path, path.lstat().st_mode)
    if os.name == "nt" and path.is_dir():  # pragma: no cover - there, "permission denied"
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    try:
        descriptor = os.open(path, _NEVER_WAIT | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    except OSError:
        refuse_irregular(path, follow=follow)  # a socket cannot even be opened
        raise
    try:
        _refuse(path, os.fstat(descriptor).st_mode)
        return FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, *, most: int, follow: bool = True) -> bytes:
    """The first `most` bytes of a regular file. Raises as `open_regular` does."""
    chunks, left = [], most
    with open_regular(path, follow=follow) as file:
        while left > 0 and (chunk := file.read(min(left, _BLOCK))):
            chunks.append(chunk)
            left -= len(chunk)
    return b"".join(chunks)


def nearest_path(path: Path, endings: tuple[str, ...]) -> Path | None:
    """What `path` probably means where it does not exist: the nearest name for each missing part.

    It is a file with one of `endings`. They count only between names that are equal without them.
    """
    found = Path(path.anchor)
    parts = path.relative_to(found).parts
    for number, part in enumerate(parts, start=1):
        wanted = endings if number == len(parts) else ("",)
        if os.path.exists(found / part):  # noqa: PTH110 - Path.exists raises for an impossible name
            found /= part
        elif (name := _nearest_name(part, found, wanted)) is not None:
            found /= name
        else:
            return None
    return found


def _nearest_name(name: str, folder: Path, endings: tuple[str, ...]) -> str | None:
    """The name in `folder` that is nearest to `name`; of a huge folder only a part is compared."""
    ending = Path(name).suffix
    try:
        beside = [each.name for each in islice(folder.iterdir(), _MOST_BESIDE)]
    except OSError:
        return None
    fitting = {other for other in beside if other.lower().endswith(endings)} - {name}
    others = sorted(fitting, key=lambda other: (other.endswith(ending), other))
    stems = {Path(other).stem: other for other in others}
    near = nearest(Path(name).stem, stems)
    return None if near is None else stems[near]


def _refuse(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NotRegular(path, mode)


def refuse_irregular(path: Path, *, follow: bool = True) -> None:
    """Raise as `open_regular` does where something else than a file, or nothing, has this name."""
    with suppress(FileNotFoundError):
        _refuse(path, os.stat(path, follow_symlinks=follow).st_mode)  # noqa: PTH116 - 3.11


class Disk(Protocol):
    """The file system calls that state depends on, each a durable step."""

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
        with FileIO(descriptor, "wb") as file:
            while data:
                data = data[file.write(data) :]

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

    A link stays a link: the file that it leads to is replaced. Raises NotRegular or
    IsADirectoryError where that is not a file.

    What is not `durable` does without both fsyncs, which take longer than all the rest: it is
    whole, too, however the process dies, but a power cut may take it.
    """
    path = _behind_links(path)
    refuse_irregular(path)
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
    path = _behind_links(path)
    for leftover in path.parent.glob(f"{glob.escape(_leftover_prefix(path))}*{_TEMPORARY}"):
        leftover.unlink(missing_ok=True)


def _behind_links(path: Path) -> Path:
    """Where the file is: beside it, not beside a link to it, is the file system to rename on."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _leftover_prefix(path: Path) -> str:
    return f".{path.name}."
