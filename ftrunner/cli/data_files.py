"""Data files named on the command line: found, read and written with faults that are explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from ftrunner.dataset.reader import DataFile, ReadError, find_files, reason
from ftrunner.diagnostics import Finding, Location
from ftrunner.errors import InvalidInput

PATH = click.Path(path_type=Path)


def existing(paths: Sequence[Path]) -> tuple[DataFile, ...]:
    """The data files at `paths`. Raises InvalidInput with a finding for each that is none."""

    def report(index: int, code: str, message: str, hint: str | None) -> Finding:
        return Finding(code, message, Location(str(paths[index])), hint)

    files, findings = find_files([str(path) for path in paths], Path(), report)
    if findings:
        raise InvalidInput(findings)
    return files


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
