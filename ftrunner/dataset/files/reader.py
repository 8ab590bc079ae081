"""Data files: finding them, and reading them in blocks of whole lines.

Files are read in large pieces, never mapped into memory: a mapped file that shrinks while it is
read would kill the process.
"""

from __future__ import annotations

import glob
import gzip
import os
import shlex
import stat
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from os import SEEK_END
from pathlib import Path

from ftrunner.dataset.files.snapshot import Snapshot, Stream, is_compressed, open_plain
from ftrunner.findings import Finding, Severity
from ftrunner.fsio import open_regular
from ftrunner.text import did_you_mean, escaped

BLOCK = 256 * 1024
MAX_LINE = 16 * 1024 * 1024
# A line that is cut keeps so much that it is beyond MAX_LINE without its carriage return, too.
_KEPT = MAX_LINE + 1
_REST = 64 * 1024
_MOST_BESIDE = 1_000  # names among which a misspelt one is sought
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SUFFIXES = (".jsonl", ".json", ".jsonl.gz", ".json.gz")

# Makes the finding about the pattern with this index: (index, code, message, hint).
Report = Callable[[int, str, str, str | None], Finding]


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
        return is_compressed(self.path)


class ReadError(Exception):
    """A file's bytes could not be read; the message says why."""


def find_files(
    patterns: Sequence[str], folder: Path, report: Report, *, any_name: bool = False
) -> tuple[tuple[DataFile, ...], tuple[Finding, ...]]:
    """The files that `patterns` (paths or globs, relative to `folder`) name, in path order.

    Each pattern that names nothing usable becomes a finding, made by `report`. A file that has
    several names, by links, is there once, which is a warning. With `any_name` files may be called
    as they like.
    """
    files: dict[Path, DataFile] = {}
    others: dict[Path, dict[str, int]] = {}
    findings: list[Finding] = []
    for index, pattern in enumerate(patterns):
        paths = _expand(pattern, folder)
        if not paths:
            findings.append(report(index, "FT201", f"no file matches '{pattern}'", None))
        for path in paths:
            file = DataFile(escaped(path.as_posix()), path)
            fault = _fault(file, any_name=any_name)
            if fault is not None:
                findings.append(report(index, *fault))
            elif files.setdefault(file.real, file) != file:
                others.setdefault(file.real, {}).setdefault(file.display, index)
    findings += [_also_named(files[real], names, report) for real, names in others.items()]
    return tuple(sorted(files.values())), tuple(findings)


def _also_named(file: DataFile, names: Mapping[str, int], report: Report) -> Finding:
    """That `file` has other names, each with the index of its pattern."""
    first, index = next(iter(names.items()))
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    message = f"'{file.display}' is the same file as '{first}'{more}: it is read once"
    finding = report(index, "FT257", message, "name it once; links lead to it from elsewhere")
    return replace(finding, severity=Severity.WARNING)


def _expand(pattern: str, folder: Path) -> list[Path]:
    if "\0" in pattern:
        return []
    literal = folder / pattern
    if not glob.has_magic(pattern) or literal.exists():
        return [literal]
    return sorted(_matching(Path(pattern).parts, folder))


def _matching(parts: Sequence[str], folder: Path) -> list[Path]:
    """What a pattern in `parts` matches, as `glob.glob` does, in bounded time: links may lead round
    in circles, so at each part a folder is looked into once, whatever names it has.
    """
    *leading, last = parts
    folders = [folder]
    for part in leading:
        folders = list(_below(folders)) if part == "**" else _once(_named(part, folders))
    if last == "**":
        folders, last = list(_below(folders)), "*"
    return list(_named(last, folders))


def _named(part: str, folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        # Path.glob refuses absolute patterns.
        yield from (folder / name for name in glob.glob(part, root_dir=folder))  # noqa: PTH207


def _below(folders: Iterable[Path]) -> Iterator[Path]:
    """The folders and all that are below them, each once; hidden ones are left out.

    A folder goes by its own name, where it is below, rather than by that of a link to it.
    """
    own, linked = deque(folders), deque[Path]()
    seen: set[tuple[int, int]] = set()
    while own or linked:
        folder = (own or linked).popleft()
        identity = _identity(folder)
        if identity is None or identity in seen:
            continue
        seen.add(identity)
        yield folder
        for path in _subfolders(folder):
            (linked if path.is_symlink() else own).append(path)


def _subfolders(folder: Path) -> list[Path]:
    """What a folder holds that is a folder or leads to one, and is not hidden, in order."""
    with suppress(OSError), os.scandir(folder) as entries:
        names = sorted(each.name for each in entries if each.is_dir())
        return [folder / name for name in names if not name.startswith(".")]
    return []


def _once(folders: Iterable[Path]) -> list[Path]:
    """`folders` without other names of the same ones, and without what is not a folder."""
    found: dict[tuple[int, int], Path] = {}
    for folder in folders:
        if identity := _identity(folder):
            found.setdefault(identity, folder)
    return list(found.values())


def _identity(path: Path) -> tuple[int, int] | None:
    """What identifies the folder; None for what is not a folder, or may not be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _names_beside(path: Path) -> list[str]:
    """What the folder holds that `path` should be in; of a huge one only a part."""
    try:
        return [each.name for each in islice(path.parent.iterdir(), _MOST_BESIDE)]
    except OSError:
        return []


def _fault(file: DataFile, *, any_name: bool) -> tuple[str, str, str | None] | None:
    """Why `file` cannot be a data file at all: code, message and hint."""
    try:
        if file.path.is_dir():
            hint = f"name the files, or use a glob: {file.display}/*.jsonl"
            return "FT202", f"'{file.display}' is a directory, not a file", hint
        if not file.path.exists():
            near = did_you_mean(file.path.name, _names_beside(file.path))
            return "FT201", f"there is no file '{file.display}'{near}", None
        open_regular(file.path).close()
    except OSError as error:
        return "FT203", f"'{file.display}' cannot be read: {reason(error)}", None
    if not any_name and not file.path.name.lower().endswith(SUFFIXES):
        return "FT204", f"'{file.display}' is not named .jsonl or .json", _rename(file)
    return None


def _rename(file: DataFile) -> str:
    """What to do about a file's name."""
    name = file.path.name
    first = next((name[: -len(end)] for end in (".txt", ".bak") if name.lower().endswith(end)), "")
    if first.lower().endswith(SUFFIXES):
        return f"its name has two endings: rename it to {first}"
    if name.lower().endswith((".csv", ".tsv", ".txt")):
        source = shlex.quote(file.display)
        target = shlex.quote(str(Path(file.display).with_suffix(".jsonl")))
        return f"`ftrunner data convert {source} {target}` makes training data of a table"
    return "one JSON object a line is wanted; if it holds that, rename it to .jsonl"


def reason(error: BaseException) -> str:
    """Why reading failed, in the system's words without its numbers; of gzip data in ours."""
    if isinstance(error, EOFError):
        return "the gzip data ends too early"
    if isinstance(error, zlib.error | gzip.BadGzipFile):
        is_other = "not a gzipped file" in str(error).lower()
        return "it is not gzip data, or not to its end" if is_other else "the gzip data is damaged"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def read_blocks(file: DataFile, *, size: int = BLOCK) -> Iterator[bytes]:
    """The file's lines, decompressed, without a byte order mark, a newline after the last one.

    A block holds whole lines and about `size` bytes. Of a line longer than MAX_LINE the tail is
    dropped, never so much that it looks shorter than MAX_LINE: memory stays bounded, and checks
    and copies refuse such a line. Raises ReadError where reading fails midway, or gzip data is
    bad.
    """
    try:
        with open_plain(file.path) as stream:
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
        with open_plain(file.path) as stream:
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
        with open_plain(file.path) as stream:
            return stream.read(size).removeprefix(BYTE_ORDER_MARK)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(reason(error)) from error


def read_range(file: DataFile, start: int, end: int) -> Iterator[bytes]:
    """The lines of an uncompressed file that begin at byte `start` or later, but before `end`, in
    blocks as those of `read_blocks`.

    Ranges that cover a file have all of its lines between them. Raises ReadError.
    """
    try:
        with Snapshot(file.path) as stream:
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
