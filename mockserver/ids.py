"""The seeded source of all ids, with a provider's prefixes and lengths."""

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
    """A prefix, a length, and the character for each random byte."""

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
    """Generates ids; the same seed and generation give the same ids in the same order.

    The generation counts how often a database was opened, so that a restart with the same
    seed does not repeat ids of the previous run.
    """

    def __init__(self, seed: int, generation: int = 1) -> None:
        self._origin = f"{seed}:{generation}"
        self._random = random.Random(self._origin)  # noqa: S311 - not a secret

    def restart(self) -> None:
        """Start the sequence again, for a store that has been emptied."""
        self._random.seed(self._origin)

    def new(self, kind: Kind) -> str:
        shape = _SHAPES[kind]
        drawn = self._random.randbytes(shape.length).translate(shape.table)
        return shape.prefix + drawn.decode()

    def seed(self) -> int:
        """A training seed for a job without one."""
        return self._random.randrange(2**31)

    def chance(self) -> float:
        """A number in [0, 1), for faults with a probability."""
        return self._random.random()


def derived(prefix: str, *parts: object, length: int = 24) -> str:
    """An id derived from `parts`, for objects that are computed at each request."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return prefix + "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:length])
