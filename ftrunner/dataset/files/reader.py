"""Reading data files in blocks of whole lines.

Files are read in large pieces, never mapped into memory: a mapped file that shrinks while it is
read would kill the process. They are read up to the size they had when they were opened, so that
reading ends even while somebody appends to them.
"""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from os import SEEK_END
from pathlib import Path

from ftrunner.fsio import open_regular

BLOCK = 256 * 1024
MAX_LINE = 16 * 1024 * 1024
# A line that is cut keeps so much that it is beyond MAX_LINE without its carriage return, too.
_KEPT = MAX_LINE + 1
_REST = 64 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SUFFIXES = (".jsonl", ".json", ".jsonl.gz", ".json.gz")


@dataclass(frozen=True, slots=True, order=True)
class DataFile:
    """One file of a dataset; `display` is its name in findings. Files sort by display name."""

    display: str
    path: Path

    @property
    def real(self) -> Path:
        """Where the file is, whatever links its path leads over."""
        return self.path.resolve()

    @property
    def compressed(self) -> bool:
        """Whether the file's name says that it is gzip data."""
        return self.path.name.lower().endswith(".gz")


class ReadError(Exception):
    """A file's bytes could not be read; the message says why."""


def reason(error: BaseException) -> str:
    """Why reading failed, in the system's words without its numbers; of gzip data in ours."""
    if isinstance(error, EOFError):
        return "the gzip data ends too early"
    if isinstance(error, zlib.error | gzip.BadGzipFile):
        is_other = "not a gzipped file" in str(error).lower()
        return "it is not gzip data, or not to its end" if is_other else "the gzip data is damaged"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


class Snapshot(io.RawIOBase):
    """A file up to the size it had when it was opened."""

    def __init__(self, file: FileIO) -> None:
        super().__init__()
        self._file = file
        self._left = os.fstat(file.fileno()).st_size

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


@contextmanager
def open_plain(file: DataFile) -> Iterator[Stream]:
    """The file's own bytes, decompressed. Raises OSError."""
    with Snapshot(open_regular(file.path)) as snapshot:
        if file.compressed:
            with gzip.GzipFile(fileobj=snapshot, mode="rb") as unpacked:
                yield unpacked
        else:
            yield snapshot


def read_blocks(file: DataFile, *, size: int = BLOCK) -> Iterator[bytes]:
    """The file's lines, decompressed, without a byte order mark, a newline after the last one.

    A block holds whole lines and about `size` bytes. Of a line longer than MAX_LINE the tail is
    dropped, never so much that it looks shorter than MAX_LINE: memory stays bounded, and checks
    and copies refuse such a line. Raises ReadError where reading fails midway, or gzip data is
    bad.
    """
    try:
        with open_plain(file) as stream:
            yield from _whole_lines(_pieces(stream, size))
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(reason(error)) from error


def read_pieces(file: DataFile, *, size: int = BLOCK) -> Iterator[memoryview]:
    """The bytes of `read_blocks`, faster and not cut at line ends. Raises ReadError.

    A piece is good until the next one is asked for. Lines of any length come whole.
    """
    buffer = memoryview(bytearray(size))
    last = b"\n"
    try:
        with open_plain(file) as stream:
            start = stream.read(len(BYTE_ORDER_MARK))
            if start and start != BYTE_ORDER_MARK:
                last = start[-1:]
                yield memoryview(start)
            while count := stream.readinto(buffer):
                last = bytes(buffer[count - 1 : count])
                yield buffer[:count]
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(reason(error)) from error
    if last != b"\n":
        yield memoryview(b"\n")


def plain_size(file: DataFile) -> int:
    """How many bytes `read_pieces` has of an uncompressed file, found without reading it. Raises
    ReadError.
    """
    try:
        with open_regular(file.path) as stream:
            start = stream.read(len(BYTE_ORDER_MARK))
            size = stream.seek(0, SEEK_END) - len(BYTE_ORDER_MARK) * (start == BYTE_ORDER_MARK)
            stream.seek(-min(size, 1), SEEK_END)
            return size + (stream.read() not in (b"", b"\n"))
    except OSError as error:
        raise ReadError(reason(error)) from error


def read_head(file: DataFile, size: int = 64 * 1024) -> bytes:
    """The first bytes of the file, decompressed. Raises ReadError."""
    try:
        with open_plain(file) as stream:
            return stream.read(size).removeprefix(BYTE_ORDER_MARK)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(reason(error)) from error


def read_range(file: DataFile, start: int, end: int) -> Iterator[bytes]:
    """The lines of an uncompressed file that begin at byte `start` or later, but before `end`, in
    blocks as those of `read_blocks`.

    Ranges that cover a file have all of its lines between them. Raises ReadError.
    """
    try:
        with Snapshot(open_regular(file.path)) as stream:
            yield from _whole_lines(_begun_in(stream, start, end))
    except OSError as error:
        raise ReadError(reason(error)) from error


def _begun_in(stream: Snapshot, start: int, end: int) -> Iterator[bytes]:
    """The pieces of the lines that begin in a range of the stream, the last one to its end."""
    place = max(0, start - 1)
    stream.skip(place)
    begun = start == 0
    last = b"\n"
    while place < end and (piece := stream.read(min(BLOCK, end - place))):
        read = len(piece)
        if not begun:
            _, newline, piece = piece.partition(b"\n")
            begun = bool(newline)
        elif place == 0:
            piece = piece.removeprefix(BYTE_ORDER_MARK)
        place += read
        last = piece or last
        yield piece
    while not last.endswith(b"\n") and (piece := stream.read(_REST)):
        line, newline, _ = piece.partition(b"\n")
        last = line + newline
        yield last


def _pieces(stream: Stream, size: int) -> Iterator[bytes]:
    first = True
    while piece := stream.read(size):
        yield piece.removeprefix(BYTE_ORDER_MARK) if first else piece
        first = False


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unfinished = bytearray()
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join((unfinished, memoryview(piece)[:end]))
            unfinished = bytearray(piece[end:])
        elif len(unfinished) <= _KEPT:
            unfinished += piece
    if unfinished:
        yield bytes(unfinished) + b"\n"
