"""Text from a provider, made fit to be shown: it is whatever the other side chose to send."""

from __future__ import annotations

import re

SHOWN = 2_000  # characters of a provider's text that a message may carry

# Control characters except line breaks and tabs, what turns the direction of text, and halves of
# surrogate pairs, which no encoding can write.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: str, limit: int = SHOWN) -> str:
    """`text` without control characters, at most `limit` characters and an ellipsis."""
    clean = _UNPRINTABLE.sub("", text[: limit * 2]).strip()
    return clean if len(clean) <= limit else f"{clean[:limit].rstrip()}…"


def one_line(text: str, limit: int = SHOWN) -> str:
    """`printable` text with every run of white space as one space."""
    return printable(" ".join(printable(text, limit).split()), limit)
