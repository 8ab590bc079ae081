"""How much room text takes on a terminal."""

from __future__ import annotations

import unicodedata

_WIDE = frozenset("WF")
_NO_WIDTH = frozenset(("Mn", "Me"))
_JOINERS = frozenset("\u200c\u200d")


def width(text: str) -> int:
    """The display cells of `text`: Chinese characters take two, combining marks none."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH or character in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
