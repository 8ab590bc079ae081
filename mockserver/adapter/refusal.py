"""Refused requests in a dialect, and checks of request bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """Raised by a handler to refuse a request; the dialect shapes the response."""

    def __init__(self, status: int, message: str, code: str | int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


def section(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a key, empty if missing; a 400 if it is not an object."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refusal(400, f"{name} must be an object", "invalid_type")
    return found


def text(body: Mapping[str, Any], name: str, words: str = "") -> str:
    """The text under a key; a 400 if it is missing or not text."""
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise Refusal(400, f"{words or name} is required", "invalid_type")
    return found
