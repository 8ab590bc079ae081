"""Noun phrases for what a schema asks for and for what a value is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ftrunner.document.source import KeyPath, Source

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_COUNTED = {"Length": "character", "Items": "item", "Properties": "key"}
SIZE_KEYWORDS = tuple(f"{end}{what}" for end in ("min", "max") for what in _COUNTED)


def wanted(schema: Mapping[str, Any]) -> str:
    """What a schema asks for: "a whole number from 1 to 50"; `x-wanted` says it where given."""
    if "x-wanted" in schema:
        return str(schema["x-wanted"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return listing(schema["enum"], "or")
    types = schema.get("type", ())
    names = [_TYPES[name] for name in ([types] if isinstance(types, str) else types)]
    return joined(names, "or") + _range(schema)


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    over, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low:,} to {high:,}"
    if over is not None and under is not None:
        return f" between {over} and {under}"
    bounds = ((low, "of at least"), (high, "of at most"), (over, "over"), (under, "under"))
    return "".join(f" {word} {bound:,}" for bound, word in bounds if bound is not None)


def size_bound(keyword: str, limit: int) -> str:
    """What a size keyword asks for: `maxItems: 5` is "at most 5 items"."""
    unit = _COUNTED[keyword[3:]]
    end = "at least" if keyword.startswith("min") else "at most"
    return f"{end} {limit:,} {unit}{'' if limit == 1 else 's'}"


def got(value: Any, path: KeyPath, source: Source) -> str:
    """What a value is, without showing what is hidden."""
    if source.is_hidden(path):
        return f"the value of {source.hidden[path]}"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "empty"
    return source.shown(path, value) if isinstance(value, str) else json.dumps(value)


def example(key: str, schema: Mapping[str, Any]) -> str | None:
    """A hint made of the schema's first example."""
    examples = schema.get("examples")
    return f"for example, `{key}: {_flow(examples[0])}`" if examples else None


def _flow(value: Any) -> str:
    """`value` in YAML's flow form, without quotes where plain words need none."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    is_words = isinstance(value, str) and value[:1].isalpha() and not set(value) & set(":#{}[],'")
    return value if is_words else json.dumps(value, ensure_ascii=False)


def listing(words: Sequence[str], conjunction: str) -> str:
    """`'a', 'b' or 'c'`."""
    return joined([repr(word) for word in words], conjunction)


def joined(words: Sequence[str], conjunction: str) -> str:
    """`a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
