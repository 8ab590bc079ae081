"""Text from servers and models made safe for a terminal."""

from __future__ import annotations

import unicodedata

_BOUND = 4000
_REPLACEMENT = "�"
# Control, format (bidirectional overrides among them), surrogate and private-use characters.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co"})
_KEPT = frozenset("\n\t\u200d")  # the joiner holds emoji together


def printable(text: str, *, bound: int = _BOUND) -> str:
    """`text` without anything that could steer the terminal, cut at `bound` characters."""
    cut = text if len(text) <= bound else f"{text[:bound]}…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(
        character
        if character in _KEPT or unicodedata.category(character) not in _UNSAFE
        else _REPLACEMENT
        for character in cut
    )


def one_line(text: str, *, bound: int = 200) -> str:
    """`text` printable and on one line."""
    return " ".join(printable(text, bound=bound).split())
