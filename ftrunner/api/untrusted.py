"""Text from a provider, made fit to be shown: it is whatever the other side chose to send."""

from __future__ import annotations

from ftrunner.printable import is_printable

SHOWN = 2_000  # characters of a provider's text that a message may carry


def printable(text: str, limit: int = SHOWN) -> str:
    """`text` without control characters, at most `limit` characters and an ellipsis."""
    cut = text[: limit * 2]
    clean = (cut if cut.isprintable() else "".join(filter(is_printable, cut))).strip()
    return clean if len(clean) <= limit else f"{clean[:limit].rstrip()}…"


def one_line(text: str, limit: int = SHOWN) -> str:
    """`printable` text with every run of white space as one space."""
    return printable(" ".join(printable(text, limit).split()), limit)
