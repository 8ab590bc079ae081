"""What a dialect refuses, and the reading of bodies that may earn it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """What a handler raises to refuse a request in the dialect's own shape."""

    def __init__(self, status: int, message: str, code: str | int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


def section(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a key, empty where there is none; a 400 where it is no object."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refusal(400, f"{name} must be an object", "invalid_type")
    return found


def text(body: Mapping[str, Any], name: str, words: str = "") -> str:
    """The text under a key; a 400 where there is none, or something else."""
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise Refusal(400, f"{words or name} is required", "invalid_type")
    return found
