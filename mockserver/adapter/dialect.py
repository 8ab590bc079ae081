"""What the mock needs to know about a provider's API."""

from __future__ import annotations

from typing import ClassVar

from mockserver.faults.scenario import Action
from mockserver.rules.training_data import DataRules

PREFIX = "/v1"


class Dialect:
    """A provider's API. The defaults are OpenAI's; other providers derive `AdaptedDialect`."""

    base_path: ClassVar[str] = PREFIX
    """The path at the end of a client's base URL."""
    data_rules: ClassVar[DataRules]

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
