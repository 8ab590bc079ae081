"""Data files named on the command line: found, read and written with faults that are explained."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from ftrunner.dataset.files.reader import DataFile, ReadError, read_head, reason
from ftrunner.dataset.files.sniff import not_lines, not_text
from ftrunner.dataset.files.sources import find_files
from ftrunner.dataset.files.write import RowError
from ftrunner.errors import InvalidInput
from ftrunner.findings import Finding, Location, has_errors
from ftrunner.fsio import NotRegular, refuse_irregular
from ftrunner.text import escaped

PATH = click.Path(path_type=Path)
_FULL = (errno.ENOSPC, errno.EDQUOT)


def existing(paths: Sequence[Path]) -> tuple[DataFile, ...]:
    """The data files at `paths`. Raises InvalidInput with a finding for each that is none."""

    def report(index: int, code: str, message: str, hint: str | None) -> Finding:
        return Finding(code, message, Location(str(paths[index])), hint)

    files, missing = find_files([str(path) for path in paths], Path(), report)
    findings = [*missing, *_not_lines(files)]
    if has_errors(findings):
        raise InvalidInput(findings)
    return files


def readable(path: Path) -> DataFile:
    """The file at `path`, whatever holds its examples. Raises InvalidInput where nothing could."""

    def report(_index: int, code: str, message: str, hint: str | None) -> Finding:
        return Finding(code, message, Location(str(path)), hint)

    files, findings = find_files([str(path)], Path(), report, any_name=True)
    if has_errors(findings):
        raise InvalidInput(findings)
    [file] = files
    with reading(file):
        fault = not_text(read_head(file))
    if fault is not None:
        raise InvalidInput([fault.finding(file.display)])
    return file


def _not_lines(files: Iterable[DataFile]) -> Iterator[Finding]:
    """Files that hold something else than lines; one that holds nothing is none of them."""
    for file in files:
        with suppress(ReadError):  # reported when it is read
            head = read_head(file)
            fault = not_lines(head) if head.strip() else None
            if fault is not None:
                yield fault.finding(file.display)


@contextmanager
def reading(file: DataFile) -> Iterator[None]:
    """Turn a failure to read `file`, or to copy a row of it, into a finding."""
    try:
        yield
    except ReadError as error:
        message = f"reading failed: {error}"
        raise InvalidInput([Finding("FT203", message, Location(file.display))]) from error
    except RowError as error:
        raise InvalidInput([error.fault.finding(file.display)]) from error


@contextmanager
def writing(targets: Sequence[Path]) -> Iterator[None]:
    """Turn a failure to write `targets` into an error that names them: not a temporary file."""
    try:
        yield
    except OSError as error:
        names = ", ".join(map(str, targets))
        next_step = "free some space" if error.errno in _FULL else "name another place"
        message = f"cannot write {names}: {reason(error)}; {next_step}"
        raise click.ClickException(message) from error


def may_write(targets: Sequence[Path], source: Path, *, force: bool) -> None:
    """Refuse, as a usage error, to write over what is read, or without `force` over anything."""
    for target in targets:
        with writing([target]):
            fault = _fault(target, source, force=force)
        if fault is not None:
            raise click.UsageError(escaped(fault))


def _fault(target: Path, source: Path, *, force: bool) -> str | None:
    """Why `target` must not be written. Raises OSError where the user may not look."""
    if target.name.lower().endswith(".gz"):
        return f"{target}: data is written uncompressed; leave out .gz"
    if not target.parent.is_dir():
        return f"{target} cannot be written: there is no folder {target.parent}; make it first"
    if target.is_dir():
        return f"{target} is a folder; name a file in it"
    try:
        refuse_irregular(target)
    except NotRegular as error:
        return f"{target} cannot be written: {error.strerror}; name a file"
    if target.exists() and target.samefile(source):
        return f"{target} is the file that is read; name another one"
    if target.exists() and not force:
        return f"{target} exists; --force replaces it"
    return None
