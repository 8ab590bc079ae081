"""A minimal JSON value that a JSON Schema accepts, for structured answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 24
MAX_VALUES = 5_000
"""As many properties as structured outputs allow in a schema."""
MAX_REFERENCE = 1_000


def instance_of(schema: Any, text: str) -> Any:
    """A value for `schema`, with `text` for every unrestricted string.

    Supports the keywords of structured outputs: types, properties, enum, const, anyOf and local
    references. None if a schema refers to itself, nests without end, or needs more than
    `MAX_VALUES` values.
    """
    return _Maker(schema, text).of(schema, ())


class _Maker:
    """Builds one value; `trail` holds the steps to a schema: a reference, or nothing."""

    def __init__(self, root: Any, text: str) -> None:
        self._root = root
        self._text = text
        self._left = MAX_VALUES

    def of(self, schema: Any, trail: tuple[str, ...]) -> Any:
        self._left -= 1
        if not isinstance(schema, Mapping) or len(trail) > MAX_DEPTH or self._left < 0:
            return None
        if "$ref" in schema:
            reference = str(schema["$ref"])
            target = None if reference in trail else _target(reference, self._root)
            return self.of(target, (*trail, reference))
        if "const" in schema:
            return schema["const"]
        for key in ("enum", "examples"):
            if isinstance(schema.get(key), list) and schema[key]:
                return schema[key][0]
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(schema.get(key), list) and schema[key]:
                return self.of(schema[key][0], (*trail, ""))
        return self._of_type(schema, trail)

    def _of_type(self, schema: Mapping[str, Any], trail: tuple[str, ...]) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0] if kind else None
        if kind == "object" or (kind is None and "properties" in schema):
            properties = schema.get("properties")
            found = properties if isinstance(properties, Mapping) else {}
            inside = (*trail, "")
            return {name: self.of(each, inside) for name, each in found.items()}
        if kind in ("integer", "number"):
            minimum = schema.get("minimum", 0)
            return minimum if isinstance(minimum, int | float) else 0
        plain: dict[Any, Any] = {"string": self._text, "boolean": False, "array": []}
        return plain.get(kind) if isinstance(kind, str) else None


def _target(reference: str, root: Any) -> Any:
    if len(reference) > MAX_REFERENCE:
        return None
    found = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            found = found.get(step) if isinstance(found, Mapping) else None
    return found
