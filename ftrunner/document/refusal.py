"""What a JSON Schema refused, in a form that does not say which library found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ftrunner.document.source import KeyPath
from ftrunner.findings import json_path


@dataclass(frozen=True, slots=True)
class Refusal:
    """One keyword of a schema that refused one value (or, `is_about_key`, the key of one).

    `limit` is what the keyword demands, `schema` the one that holds it, `message` the library's.
    `noun` is what the document is called; `outside` has the keys that mappings around the value
    could still take, and where those are.
    """

    path: KeyPath
    keyword: str
    limit: Any
    value: Any
    schema: Mapping[str, Any]
    message: str = ""
    is_about_key: bool = False
    noun: str = "spec"
    outside: Mapping[str, KeyPath] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where the value is, as a sentence names it."""
        return json_path(self.path) if self.path else f"the {self.noun}"

    @property
    def key(self) -> str:
        """The key that the value is under: the nearest name in its path."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), self.noun)

    @property
    def properties(self) -> Mapping[str, Any]:
        """The keys that the schema names, each with its own schema."""
        named: Mapping[str, Any] = self.schema.get("properties", {})
        return named

    @property
    def missing(self) -> Sequence[str]:
        """The keys that `required` demands and the value lacks. Libraries refuse each by itself."""
        return [key for key in self.limit if key not in self.value]

    @property
    def unknown(self) -> Sequence[str]:
        """The keys of the value that the schema does not name."""
        return [key for key in self.value if key not in self.properties]
