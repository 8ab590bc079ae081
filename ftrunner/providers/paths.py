"""Dotted paths into a provider's JSON: read, and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def get(document: Any, path: str) -> Any:
    """The value at `path`; None where there is none."""
    for part in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(part)
    return document


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set `path` to `value`, making the objects on the way; what is not an object is replaced."""
    *parents, last = path.split(".")
    for part in parents:
        inner = document.get(part)
        document[part] = document = dict(inner) if isinstance(inner, Mapping) else {}
    document[last] = value
