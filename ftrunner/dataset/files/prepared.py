"""Prepared streams: exactly the bytes that will be sent, without keeping a copy of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction as Rational
from itertools import chain

from xxhash import xxh3_64_intdigest

from ftrunner.canonical import canonical_line
from ftrunner.dataset.files.reader import (
    BYTE_ORDER_MARK,
    SUFFIXES,
    DataFile,
    read_blocks,
    read_pieces,
)
from ftrunner.dataset.totals.block_stats import BlockStats

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Selection:
    """Part of the rows: those the hash of row and seed picks, or (`picked` false) the others.

    A row's side depends on its value alone, so appended rows leave the others where they are, and
    equal rows are never on both sides, however they are written.
    """

    fraction: float | Rational
    seed: int
    picked: bool

    def with_both_parts(self, rows: Iterable[bytes]) -> Selection | None:
        """This selection, if rows are in either part; else the nearest one of which that is true.

        None where there is none, since all rows are the same or there are none.
        """
        lowest, highest = 2**64, -1
        for row in rows:
            place = self._place(canonical_line(row))
            lowest, highest = min(lowest, place), max(highest, place)
            if lowest < self.fraction * 2**64 <= highest:
                return self
        if lowest >= highest:
            return None
        limit = highest if highest < self.fraction * 2**64 else lowest + 1
        return replace(self, fraction=Rational(limit, 2**64))

    def holds(self, row: bytes) -> bool:
        """Whether `row`, a line without its line end, is in this part."""
        return self.holds_canonical(canonical_line(row.removesuffix(b"\r")))

    def holds_canonical(self, row: bytes) -> bool:
        """The same of a row in its canonical form."""
        return (self._place(row) < self.fraction * 2**64) is self.picked

    def _place(self, row: bytes) -> int:
        """Where a canonical row is among 2**64 places, the first of which are picked."""
        return xxh3_64_intdigest(row, seed=self.seed % 2**64)

    def of(self, block: bytes) -> bytes:
        """The lines of `block` that are in this part."""
        rows = block.split(b"\n")[:-1]
        return b"".join(row + b"\n" for row in rows if self.holds(row))


@dataclass(frozen=True, slots=True)
class PreparedStream:
    """One split as it will be sent: `size` counts its bytes, `sha256` is their hash.

    `rows` is the hash of its rows: the sha256 of the sha256 of each row in its canonical form, so
    that it is the same however the rows are written. Both hashes are hexadecimal, and empty where
    nothing was hashed. The sources are read again each time; the sender checks the hash again.
    """

    split: str
    filename: str
    sha256: str
    rows: str
    size: int
    examples: int
    sources: tuple[DataFile, ...]
    selection: Selection | None = None
    byte_order_mark: bool = False

    def blocks(self) -> Iterator[bytes]:
        """The bytes, file after file. Raises ReadError, or OSError for a file that is gone."""
        mark = (BYTE_ORDER_MARK,) if self.byte_order_mark else ()
        if self.selection is None:
            pieces = map(bytes, chain.from_iterable(map(read_pieces, self.sources)))
            return chain(mark, pieces)
        blocks = chain.from_iterable(map(read_blocks, self.sources))
        return chain(mark, map(self.selection.of, blocks))


class StreamHasher:
    """Hashes the bytes and the rows of a split while they pass by, or with `hashed` false only
    counts the bytes.
    """

    def __init__(
        self,
        split: str,
        selection: Selection | None = None,
        *,
        byte_order_mark: bool = False,
        hashed: bool = True,
    ) -> None:
        self._split = split
        self._hashed = hashed
        self._selection = selection
        self._byte_order_mark = byte_order_mark
        self._rows = hashlib.sha256()
        self._hash = hashlib.sha256(BYTE_ORDER_MARK if byte_order_mark else b"")
        self._size = len(BYTE_ORDER_MARK) if byte_order_mark else 0

    @property
    def takes_lines(self) -> bool:
        """Whether only whole lines may be added."""
        return self._selection is not None

    @property
    def takes_size(self) -> bool:
        """Whether the size of the sources is enough, as nothing is hashed and nothing left out."""
        return not self._hashed and self._selection is None

    def add_size(self, size: int) -> None:
        """Take in the size of the next bytes instead of the bytes."""
        self._size += size

    def add(self, data: bytes | memoryview) -> None:
        """Take in the next bytes of the sources."""
        mine = data if self._selection is None else self._selection.of(bytes(data))
        self._size += len(mine)
        if self._hashed:
            self._hash.update(mine)

    def add_rows(self, tally: BlockStats) -> None:
        """Take in the rows of the next lines of the sources."""
        is_cut_off = self._selection is not None and self._selection.picked
        self._rows.update((tally.validation if is_cut_off else tally.train).digests)

    def finish(self, sources: Sequence[DataFile], examples: int) -> PreparedStream | None:
        """The stream of everything added, read from `sources` in order; None without sources."""
        if not sources:
            return None
        digest = self._hash.hexdigest() if self._hashed else ""
        return PreparedStream(
            self._split,
            f"{_stem(sources[0], self._split)}-{digest[:12]}.jsonl",
            digest,
            self._rows.hexdigest() if self._hashed else "",
            self._size,
            examples,
            tuple(sources),
            self._selection,
            self._byte_order_mark,
        )


def _stem(file: DataFile, split: str) -> str:
    """The file's name without its suffixes, of characters every server takes."""
    name = file.path.name
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
            break
    return _UNSAFE.sub("-", name).strip("-.")[:80] or split
