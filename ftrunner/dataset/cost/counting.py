"""How tokens are counted, as users choose it."""

from __future__ import annotations

from enum import StrEnum


class Counting(StrEnum):
    """Tokens of no example, of a sample of large splits, or of every example."""

    OFF = "off"
    SAMPLE = "sample"
    EXACT = "exact"
