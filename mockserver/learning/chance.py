"""Repeatable randomness: each draw depends only on its labels."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_RANGE = 2**64


def draw(*labels: object) -> float:
    """A number in [0, 1), the same for the same labels in every process."""
    digest = blake2b(repr(labels).encode("utf-8", "backslashreplace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") / _RANGE


def choose(options: Sequence[T], *labels: object) -> T:
    """One of `options`, which must not be empty, chosen by the labels."""
    if len(options) == 1:
        return options[0]
    return options[int(draw(*labels) * len(options)) % len(options)]
