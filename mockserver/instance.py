"""The plainest JSON value that a JSON Schema accepts, for answers that must fit one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 24


def instance_of(schema: Any, text: str) -> Any:
    """A value for `schema`, with `text` wherever a string may be anything.

    It knows what structured outputs allow: types, properties, enum, const, anyOf and local
    references. Where a schema refers to itself, or nests endlessly, there is None.
    """
    return _instance(schema, schema, text, ())


def _instance(schema: Any, root: Any, text: str, trail: tuple[str, ...]) -> Any:
    """`trail` holds the steps that led here: a reference, or nothing for any other."""
    if not isinstance(schema, Mapping) or len(trail) > MAX_DEPTH:
        return None
    if "$ref" in schema:
        reference = str(schema["$ref"])
        target = None if reference in trail else _target(reference, root)
        return _instance(target, root, text, (*trail, reference))
    if "const" in schema:
        return schema["const"]
    for key in ("enum", "examples"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            return _instance(schema[key][0], root, text, (*trail, ""))
    return _of_type(schema, root, text, trail)


def _of_type(schema: Mapping[str, Any], root: Any, text: str, trail: tuple[str, ...]) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    if kind == "object" or (kind is None and "properties" in schema):
        properties = schema.get("properties")
        found = properties if isinstance(properties, Mapping) else {}
        inside = (*trail, "")
        return {name: _instance(each, root, text, inside) for name, each in found.items()}
    if kind in ("integer", "number"):
        minimum = schema.get("minimum", 0)
        return minimum if isinstance(minimum, int | float) else 0
    plain: dict[Any, Any] = {"string": text, "boolean": False, "array": []}
    return plain.get(kind)


def _target(reference: str, root: Any) -> Any:
    found = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            found = found.get(step) if isinstance(found, Mapping) else None
    return found
