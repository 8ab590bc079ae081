"""What the mock needs to know about a provider's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mockserver.faults.scenario import Action
from mockserver.rules.training_data import DataRules

PREFIX = "/v1"


class Dialect:
    """A provider's API. The defaults are OpenAI's; other providers derive `AdaptedDialect`."""

    base_path: ClassVar[str] = PREFIX
    """The path at the end of a client's base URL."""
    data_rules: ClassVar[DataRules]
    headers: ClassVar[tuple[tuple[bytes, bytes], ...]] = ((b"openai-version", b"2020-10-01"),)
    """Headers of every response. The default is as recorded of OpenAI."""

    def openai_path(self, path: str) -> str:
        """OpenAI's path for the same route, without `/v1`; a route that OpenAI lacks keeps its own.

        Faults and the request log use these paths.
        """
        return without_prefix(path)

    def translate_fault(self, action: Action) -> Action:
        """The action with its error body in the provider's shape."""
        return action


def without_prefix(path: str) -> str:
    """The path without `/v1`."""
    if path.startswith(PREFIX) and path[len(PREFIX) : len(PREFIX) + 1] in ("", "/"):
        return path[len(PREFIX) :] or "/"
    return path


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
