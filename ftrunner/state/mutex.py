"""One writer at a time per lock file, and who it is.

The operating system releases the mutex when its holder dies. A file beside it says who holds it;
that file is for messages only.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ftrunner.clock import Clock
from ftrunner.errors import InvalidInput, StateError, explained
from ftrunner.findings import Finding, Location
from ftrunner.fsio import (
    SHARED_FILE,
    NotRegular,
    SystemDisk,
    read_regular,
    refuse_irregular,
    write_atomically,
)

# The system's own lock is two lines, and the library for it takes longer to load than Python.
if sys.platform == "win32":  # pragma: no cover - what CI measures is not Windows
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # a child that was forked has the descriptor, too


_PAUSE = 0.1  # seconds between two tries
_MOST_BYTES = 4_096
_WHO = ".holder.json"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_HINT = "make the spec's folder writable, or remove what blocks this path"


class AtWork(StateError):
    """Another process holds the lock."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds the lock; `since` in Unix seconds."""

    pid: int
    host: str
    since: float

    def __str__(self) -> str:
        """`process 4711 on host, since 2026-11-22 14:02:11 UTC`."""
        since = datetime.fromtimestamp(self.since, UTC)
        return f"process {self.pid} on {self.host}, since {since:%Y-%m-%d %H:%M:%S} UTC"


_DECODER = msgspec.json.Decoder(Holder)  # made while one thread imports, as in lockfile.py


@contextmanager
def sole_writer(
    path: Path, *, clock: Clock, wait: bool, on_wait: Callable[[Holder | None], None]
) -> Iterator[None]:
    """Hold the lock at `path` for the block.

    If another process holds it: calls `on_wait` with its name and waits or, with
    `wait=False`, raises AtWork. What interrupts the clock's sleep ends the waiting. Raises
    StateError where the lock cannot be made, and InvalidInput where something else than a file
    has its name or its holder's: a link there could lead to any file, and is not followed.
    """
    with explained(path, hint=_HINT):
        path.parent.mkdir(parents=True, exist_ok=True)
    who = path.with_suffix(_WHO)
    for file in (path, who):
        _insist_on_file(file)
    held = _acquired(path)
    if held is None:
        holder = _read(who)
        if not wait:
            raise _held(holder)
        on_wait(holder)
        while (held := _acquired(path)) is None:
            clock.sleep(_PAUSE)
    try:
        holder = Holder(os.getpid(), socket.gethostname(), clock.now())
        with explained(who, hint=_HINT):
            write_atomically(who, msgspec.json.encode(holder), disk=SystemDisk(), durable=False)
        yield
    finally:
        with suppress(OSError):
            who.unlink(missing_ok=True)
        _unlock(held)
        os.close(held)


def last_holder(path: Path) -> tuple[Holder, bool] | None:
    """The process that holds the lock, or was killed while it did, and whether it holds it now.

    None where the last one gave it back. Nothing is written; raises StateError.
    """
    holder = _read(path.with_suffix(_WHO))
    if holder is None:
        return None
    free = _acquired(path)
    if free is not None:
        os.close(free)
    return holder, free is None


def _insist_on_file(path: Path) -> None:
    try:
        refuse_irregular(path, follow=False)
    except (NotRegular, IsADirectoryError) as error:
        message = f"cannot write {path}: {error.strerror}"
        hint = "remove it: ftrunner makes the file again"
        raise InvalidInput([Finding("FT418", message, Location(str(path)), hint)]) from error
    except OSError:
        return  # acquiring it reports why


def _acquired(path: Path) -> int | None:
    """A descriptor that holds the lock until it is closed; None if another one holds it."""
    with explained(path, hint=_HINT):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, SHARED_FILE)
        try:
            _lock(descriptor)
            is_there = os.fstat(descriptor).st_nlink > 0  # or another process made it again
        except OSError as error:
            os.close(descriptor)
            if error.errno in _HELD:
                return None
            raise
    if is_there:
        return descriptor
    os.close(descriptor)
    return None


def _read(path: Path) -> Holder | None:
    try:
        return _DECODER.decode(read_regular(path, most=_MOST_BYTES, follow=False))
    except (OSError, msgspec.DecodeError):
        return None


def _held(holder: Holder | None) -> AtWork:
    return AtWork(
        f"another process is working on this spec: {holder or 'it left no name'}",
        code="FT407",
        hint="try again when it is done",
    )
