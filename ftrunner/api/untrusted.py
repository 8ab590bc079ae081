"""Text from a provider, made fit to be shown: it is whatever the other side chose to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftrunner.text import is_printable

SHOWN = 2_000  # characters of a provider's text that a message may carry
_LEVELS = 20  # of nesting that a provider's details may have
_DEEPER = "…"


def printable(text: str, limit: int = SHOWN) -> str:
    """`text` without control characters, at most `limit` characters and an ellipsis."""
    cut = text[: limit * 2]
    clean = (cut if cut.isprintable() else "".join(filter(is_printable, cut))).strip()
    return clean if len(clean) <= limit else f"{clean[:limit].rstrip()}…"


def one_line(text: str, limit: int = SHOWN) -> str:
    """`printable` text with every run of white space as one space."""
    return printable(" ".join(printable(text, limit).split()), limit)


def shallow(document: Mapping[str, Any]) -> dict[str, Any]:
    """`document` as deep as anybody reads it: writing one as deep as can be read may fail."""
    return {key: _shallow(value, _LEVELS) for key, value in document.items()}


def _shallow(value: Any, levels: int) -> Any:
    if not isinstance(value, dict | list):
        return value
    if not levels:
        return _DEEPER
    if isinstance(value, dict):
        return {key: _shallow(inner, levels - 1) for key, inner in value.items()}
    return [_shallow(inner, levels - 1) for inner in value]
