"""What is remembered of each line for rules about the dataset as a whole: sixteen bytes."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xxhash import xxh3_64_intdigest

# The hash of a blank line, or of the prompt of a line that has none.
NOTHING = xxh3_64_intdigest(b"")


# Files one after the other, each with the number of its lines.
Files = Sequence[tuple[str, int]]

_HEADER = b"ftrunner-trail 1\n"


def _hashes(texts: Iterable[bytes | memoryview] = ()) -> array[int]:
    return array("Q", map(xxh3_64_intdigest, texts))


@dataclass(frozen=True, slots=True)
class Trail:
    """A 64-bit hash of each line and of each line's prompt in their canonical form, in file order;
    those of nothing for a line that is blank or that its schema refuses.
    """

    rows: array[int] = field(default_factory=_hashes)
    prompts: array[int] = field(default_factory=_hashes)

    def __add__(self, other: Trail) -> Trail:
        return Trail(self.rows + other.rows, self.prompts + other.prompts)

    def to_bytes(self) -> bytes:
        """The trail as a file keeps it: a header, then all rows, then all prompts."""
        return _HEADER + _little(self.rows).tobytes() + _little(self.prompts).tobytes()

    @staticmethod
    def from_bytes(data: bytes) -> Trail:
        """The trail that `to_bytes` wrote. Raises ValueError for anything else."""
        body = data.removeprefix(_HEADER)
        if body == data or len(body) % 16:
            raise ValueError("this is not the trail of a dataset")
        half = len(body) // 2
        return Trail(_little(array("Q", body[:half])), _little(array("Q", body[half:])))


def _little(hashes: array[int]) -> array[int]:
    """The hashes with their bytes in little-endian order, or back in the machine's own."""
    if sys.byteorder == "little":
        return hashes
    turned = hashes[:]
    turned.byteswap()
    return turned


def trail(rows: Iterable[bytes], prompts: Iterable[bytes | memoryview]) -> Trail:
    """The trail of rows and their prompts; empty bytes stand for none."""
    return Trail(_hashes(rows), _hashes(prompts))


def place(files: Files, index: int) -> str:
    """`FILE:LINE` of the row with this index in some files; without them its number."""
    for name, lines in files:
        if index < lines:
            return f"{name}:{index + 1}"
        index -= lines
    return f"row {index + 1:,}"
