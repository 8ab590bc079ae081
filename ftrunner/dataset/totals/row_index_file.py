"""The rows of a dataset as a file keeps them, to see later what changed: sixteen bytes a row.

A line of JSON says which dataset it is and how long each part has to be; the hashes follow, checked
by a digest, so that a file that is torn, or another's, is known for what it is.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from xxhash import xxh3_128_hexdigest

from ftrunner.canonical import content_hash
from ftrunner.dataset.totals.row_hashes import Trail
from ftrunner.fsio import open_regular

_FORM = "ftrunner-rows 2"
_LONGEST_HEADER = 4096


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
