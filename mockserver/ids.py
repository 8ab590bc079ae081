"""One seeded source of every id, with the prefixes and lengths a provider uses."""

from __future__ import annotations

import hashlib
import random
import string
from dataclasses import dataclass
from typing import Literal

Kind = Literal["file", "job", "model", "upload", "part", "permission", "completion", "request"]

ALPHABET = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class _Shape:
    """A prefix, a length, and which character each random byte becomes."""

    prefix: str
    length: int
    table: bytes


def _shape(prefix: str, length: int, alphabet: str) -> _Shape:
    return _Shape(prefix, length, bytes(ord(alphabet[n % len(alphabet)]) for n in range(256)))


_SHAPES: dict[Kind, _Shape] = {
    "file": _shape("file-", 24, ALPHABET),
    "job": _shape("ftjob-", 24, ALPHABET),
    "model": _shape("", 8, LOWER),
    "upload": _shape("upload_", 24, LOWER),
    "part": _shape("part_", 24, LOWER),
    "permission": _shape("cp_", 24, ALPHABET),
    "completion": _shape("chatcmpl-", 29, ALPHABET),
    "request": _shape("req_", 32, string.hexdigits[:16]),
}


class Ids:
    """Draws ids; the same seed and generation give the same ids in the same order.

    The generation is the number of times a database was opened, so that a restart with the
    same seed does not repeat the ids of the run before.
    """

    def __init__(self, seed: int, generation: int = 1) -> None:
        self._origin = f"{seed}:{generation}"
        self._random = random.Random(self._origin)  # noqa: S311 - not a secret

    def restart(self) -> None:
        """Draw the same ids once more; for a store that has been emptied."""
        self._random.seed(self._origin)

    def new(self, kind: Kind) -> str:
        shape = _SHAPES[kind]
        drawn = self._random.randbytes(shape.length).translate(shape.table)
        return shape.prefix + drawn.decode()

    def seed(self) -> int:
        """A training seed for a job that names none."""
        return self._random.randrange(2**31)

    def chance(self) -> float:
        """A number in [0, 1), for faults that strike with a probability."""
        return self._random.random()


def derived(prefix: str, *parts: object, length: int = 24) -> str:
    """An id that follows from `parts`, for things computed anew at each request."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return prefix + "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:length])
