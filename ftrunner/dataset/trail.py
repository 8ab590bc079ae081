"""What is remembered of each line for rules about the dataset as a whole: sixteen bytes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from xxhash import xxh3_64_intdigest

# The hash of a blank line, or of the prompt of a line that has none.
NOTHING = xxh3_64_intdigest(b"")


def _hashes(texts: Iterable[bytes] = ()) -> array[int]:
    return array("Q", map(xxh3_64_intdigest, texts))


@dataclass(frozen=True, slots=True)
class Trail:
    """A 64-bit hash of each line and of each line's prompt, in file order."""

    rows: array[int] = field(default_factory=_hashes)
    prompts: array[int] = field(default_factory=_hashes)

    def __add__(self, other: Trail) -> Trail:
        return Trail(self.rows + other.rows, self.prompts + other.prompts)


def trail(rows: Iterable[bytes], prompts: Iterable[bytes]) -> Trail:
    """The trail of rows and their prompts; empty bytes stand for none."""
    return Trail(_hashes(rows), _hashes(prompts))
