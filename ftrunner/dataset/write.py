"""Writing data files: whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ftrunner.dataset.prepared import Selection
from ftrunner.dataset.reader import DataFile, read_blocks
from ftrunner.fsio import SystemDisk, replacing


def read_rows(file: DataFile) -> Iterator[bytes]:
    """The file's lines without their ends. Raises ReadError."""
    for block in read_blocks(file):
        yield from block.split(b"\n")[:-1]


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
