"""What is remembered of each line, sixteen bytes: for rules about the dataset as a whole, and in a
file, to see later what changed.

In the file, a line of JSON says which dataset it is and how long each part has to be; the hashes
follow, checked by a digest, so that a file that is torn, or another's, is known for what it is.
"""

from __future__ import annotations

import io
import os
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest, xxh3_128_hexdigest

from ftrunner.canonical import content_hash
from ftrunner.fsio import open_regular

# The hash of a blank line, or of the prompt of a line that has none.
NOTHING = xxh3_64_intdigest(b"")

# Files one after the other, each with the number of its lines.
Files = Sequence[tuple[str, int]]

_TRAIL = b"ftrunner-trail 1\n"
_FORM = "ftrunner-rows 2"
_LONGEST_HEADER = 4096


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
        return _TRAIL + _little(self.rows).tobytes() + _little(self.prompts).tobytes()

    @staticmethod
    def from_bytes(data: bytes) -> Trail:
        """The trail that `to_bytes` wrote. Raises ValueError for anything else."""
        body = data.removeprefix(_TRAIL)
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


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    form: str
    rows: dict[str, str]
    lengths: dict[str, int]
    digest: str
    model: str
    tokens: int | None


@dataclass(frozen=True, slots=True)
class KeptRows:
    """The rows of the dataset whose splits have these hashes.

    `trails` has them by split, or all under one name where one split was cut from the other.
    `tokens` is what an epoch of training reads, counted exactly as `model` does; None where nothing
    counted.
    """

    rows: Mapping[str, str]
    trails: Mapping[str, Trail] = field(repr=False)
    model: str
    tokens: int | None = None

    def to_bytes(self) -> bytes:
        """What `read` reads."""
        parts = [trail.to_bytes() for trail in self.trails.values()]
        body = b"".join(parts)
        header: dict[str, Any] = {
            "form": _FORM,
            "rows": dict(self.rows),
            "lengths": dict(zip(self.trails, map(len, parts), strict=True)),
            "digest": xxh3_128_hexdigest(body),
            "model": self.model,
            "tokens": self.tokens,
        }
        return msgspec.json.encode(header) + b"\n" + body


def file_name(rows: Mapping[str, str]) -> str:
    """The name of the file for the dataset whose splits have these hashes."""
    return f"rows-{content_hash(dict(rows))[:16]}.bin"


def read(path: Path) -> KeptRows:
    """The rows in the file at `path`.

    Raises OSError, or ValueError for a foreign or truncated file.
    """
    with io.BufferedReader(open_regular(path)) as file:
        header = _header(file.readline(_LONGEST_HEADER))
        expected = file.tell() + sum(header.lengths.values())
        if os.fstat(file.fileno()).st_size != expected:
            raise ValueError("the file is cut short, or more was written to it")
        body = file.read()
    if xxh3_128_hexdigest(body) != header.digest:
        raise ValueError("the file does not hold what was written")
    return KeptRows(header.rows, _trails(header.lengths, body), header.model, header.tokens)


def _header(line: bytes) -> _Header:
    try:
        header = msgspec.json.decode(line, type=_Header)
    except msgspec.DecodeError as error:
        raise ValueError(f"these are not rows of a dataset: {error}") from error
    if header.form != _FORM or any(length < 0 for length in header.lengths.values()):
        raise ValueError("these are not rows of a dataset of this form")
    return header


def _trails(lengths: Mapping[str, int], body: bytes) -> dict[str, Trail]:
    trails, start = {}, 0
    for name, length in lengths.items():
        trails[name] = Trail.from_bytes(body[start : start + length])
        start += length
    return trails
