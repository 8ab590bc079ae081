"""Writing data files: whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ftrunner.dataset.files.prepared import Selection
from ftrunner.dataset.files.reader import MAX_LINE, DataFile, read_blocks
from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.lines.line import TOO_LONG
from ftrunner.fsio import SystemDisk, replacing


class RowError(Exception):
    """A row cannot be copied; `fault` says which one, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read_rows(file: DataFile, *, cut: bool = False) -> Iterator[bytes]:
    """The file's lines without their ends.

    Of a line longer than MAX_LINE only a part is read. It raises RowError, or comes with `cut` as
    that part, which is longer than MAX_LINE, too, and not to be written. Raises ReadError.
    """
    number = 0
    for block in read_blocks(file):
        for row in block.split(b"\n")[:-1]:
            number += 1
            if not cut and len(row.removesuffix(b"\r")) > MAX_LINE:
                raise RowError(_uncopied(number))
            yield row


def _uncopied(number: int) -> Fault:
    hint = "`ftrunner data fix --drop FT213` leaves it out"
    return replace(TOO_LONG, line=number, hint=f"{TOO_LONG.hint}; {hint}")


def write_rows(path: Path, rows: Iterable[bytes]) -> int:
    """Write `rows`, a line each, and count them. `path` is replaced once all are written.

    Raises OSError; `path` is then what it was.
    """
    count = 0
    with _rewriting(path) as file:
        for row in rows:
            file.write(row + b"\n")
            count += 1
    return count


def write_parts(
    rows: Iterable[bytes], selection: Selection, picked: Path, others: Path
) -> tuple[int, int]:
    """Write the rows that `selection` holds to `picked` and the rest to `others`; count both."""
    counts = [0, 0]
    with _rewriting(picked) as one, _rewriting(others) as other:
        for row in rows:
            is_picked = selection.holds(row)
            (one if is_picked else other).write(row + b"\n")
            counts[not is_picked] += 1
    return counts[0], counts[1]


@contextmanager
def _rewriting(path: Path) -> Iterator[BinaryIO]:
    with replacing(path, disk=SystemDisk()) as temporary, temporary.open("xb") as file:
        yield file
