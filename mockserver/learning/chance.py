"""Chance that repeats: draws that depend on their labels and on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_RANGE = 2**64


def draw(*labels: object) -> float:
    """Return a number in [0, 1) that is the same for the same labels, in every process."""
    digest = blake2b(repr(labels).encode("utf-8", "backslashreplace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") / _RANGE


def choose(options: Sequence[T], *labels: object) -> T:
    """Return one of ``options``, which must not be empty, decided by the labels."""
    return options[int(draw(*labels) * len(options)) % len(options)]
