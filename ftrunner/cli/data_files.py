"""Data files named on the command line: found, read and written with faults that are explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from ftrunner.dataset.reader import DataFile, ReadError, find_files, read_head, reason
from ftrunner.dataset.sniff import not_lines
from ftrunner.diagnostics import Finding, Location
from ftrunner.errors import InvalidInput

PATH = click.Path(path_type=Path)


def existing(paths: Sequence[Path]) -> tuple[DataFile, ...]:
    """The data files at `paths`. Raises InvalidInput with a finding for each that is none."""

    def report(index: int, code: str, message: str, hint: str | None) -> Finding:
        return Finding(code, message, Location(str(paths[index])), hint)

    files, missing = find_files([str(path) for path in paths], Path(), report)
    findings = [*missing, *_not_lines(files)]
    if findings:
        raise InvalidInput(findings)
    return files


def _not_lines(files: Iterable[DataFile]) -> Iterator[Finding]:
    """Files that hold something else than lines; one that holds nothing is none of them."""
    for file in files:
        with suppress(ReadError):  # told when it is read
            head = read_head(file)
            fault = not_lines(head) if head.strip() else None
            if fault is not None:
                yield fault.finding(file.display)


@contextmanager
def reading(file: DataFile) -> Iterator[None]:
    """Turn a failure to read `file`, or to write what was read, into a finding."""
    try:
        yield
    except ReadError as error:
        message = f"reading failed: {error}"
        raise InvalidInput([Finding("FT203", message, Location(file.display))]) from error
    except OSError as error:
        raise click.FileError(str(error.filename), hint=reason(error)) from error


def may_write(targets: Sequence[Path], source: Path, *, force: bool) -> None:
    """Refuse, as a usage error, to write over what is read, or without `force` over anything."""
    for target in targets:
        if target.name.lower().endswith(".gz"):
            raise click.UsageError(f"{target}: data is written uncompressed; leave out .gz")
        if target.exists() and target.samefile(source):
            raise click.UsageError(f"{target} is the file that is read; name another one")
        if target.exists() and not force:
            raise click.UsageError(f"{target} exists; --force replaces it")
