"""What a JSON Schema refuses, said for people: one fault for each refusal."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any, cast

import jsonschema_rs

from ftrunner import schema
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.faults import MOST_OF_A_LINE, Fault
from ftrunner.findings import json_path

Path = Sequence[str | int]
_Said = tuple[str, str, str | None]  # code, message, hint

_KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


# Items of a list that are looked at together; for longer ones it takes a search.
_AT_ONCE = 128


@cache
def validator(format_: Format) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a format; compiling takes a millisecond, so it is done once."""
    return jsonschema_rs.Draft202012Validator(schema.load(f"dataset-{format_}"))


def faults(value: Mapping[str, Any], format_: Format) -> Iterator[Fault]:
    """The ways in which `value` is not a line of `format_`, up to MOST_OF_A_LINE.

    Of long lists these are the first items that are refused.
    """
    return islice(_all_faults(value, format_), MOST_OF_A_LINE)


def _all_faults(value: Mapping[str, Any], format_: Format) -> Iterator[Fault]:
    said = set()
    for error in _errors(value, validator(format_)):
        explain = _EXPLAINERS.get(error.kind.name, _otherwise)
        for path, (code, message, hint) in explain(error, _Context(format_, error)):
            fault = Fault(code, message, json_path(path), hint=hint)
            if fault not in said:
                said.add(fault)
                yield fault


def _errors(
    value: Mapping[str, Any], accepts: jsonschema_rs.Draft202012Validator
) -> Iterable[jsonschema_rs.ValidationError]:
    """What `accepts` refuses in `value`.

    It makes all errors at once, two kilobytes each: it is given lists as short as is refused.
    """
    if accepts.is_valid(value):
        return ()
    sizes = range(_AT_ONCE, max(_AT_ONCE, _longest(value)))
    size = bisect_left(sizes, True, key=lambda most: not accepts.is_valid(_shortened(value, most)))
    return accepts.iter_errors(_shortened(value, _AT_ONCE + size))


def _longest(value: object) -> int:
    """The most items that a list in `value` has."""
    if isinstance(value, dict):
        return max(map(_longest, value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), max(map(_longest, value), default=0))
    return 0


def _shortened(value: object, most: int) -> object:
    """`value` with the first `most` items of each list."""
    if isinstance(value, dict):
        return {key: _shortened(child, most) for key, child in value.items()}
    if isinstance(value, list):
        return [_shortened(item, most) for item in value[:most]]
    return value


class _Context:
    """Where in the schema an error arose."""

    def __init__(self, format_: Format, error: jsonschema_rs.ValidationError) -> None:
        self._root = schema.load(f"dataset-{format_}")
        self._path = error.schema_path

    @property
    def owner(self) -> dict[str, Any]:
        """The schema that holds the keyword which refused."""
        node: Any = self._root
        for step in self._path[:-1]:
            node = node[step]
        owner: dict[str, Any] = node
        return owner

    @property
    def title(self) -> str:
        """What the refused value is, as in `user message`; empty where the schema is unnamed."""
        return str(self.owner.get("title", "")).lower()


_Explained = Iterator[tuple[Path, _Said]]


def _required(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    key = error.kind.as_dict()["property"]
    near = get_close_matches(key, islice(_unknown(error, context), MOST_OF_A_LINE), 1, 0.75)
    if near and context.owner.get("additionalProperties") is False:
        return  # the misspelt key is refused by itself, with this one as its hint
    where = f" in this {context.title}" if context.title else ""
    hint = f"is '{near[0]}' a misspelling of it?" if near else None
    yield error.instance_path, ("FT221", f"the key '{key}' is missing{where}", hint)


def _unknown(error: jsonschema_rs.ValidationError, context: _Context) -> Iterator[str]:
    """Keys of the refused object that its schema does not name."""
    known = context.owner.get("properties", {})
    return (key for key in cast(dict[str, Any], error.instance) if key not in known)


def _unknown_keys(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    known = [str(key) for key in context.owner.get("properties", ())]
    what = f"of {_a(context.title)}" if context.title else "here"
    for key in error.kind.as_dict()["unexpected"]:
        near = get_close_matches(key, known, 1)
        hint = f"did you mean '{near[0]}'?" if near else _listed("known keys", known)
        if key == "weight":
            hint = "weight stands on assistant messages only"
        yield (*error.instance_path, key), ("FT222", f"'{key}' is not a key {what}", hint)


def _listed(label: str, words: Sequence[str]) -> str | None:
    return f"{label}: {', '.join(words)}" if words else None


def _wrong_type(error: jsonschema_rs.ValidationError, _: _Context) -> _Explained:
    types = error.kind.as_dict()["types"]
    # Where null is one of several kinds it stands for nothing, which is not what was meant.
    kinds = [name for name in types if name != "null"] or types
    wanted = " or ".join(_KINDS[name] for name in kinds)
    yield error.instance_path, ("FT223", f"{_shown(error)} where {wanted} is wanted", None)


def _not_allowed(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    allowed = [context.owner["const"]] if "const" in context.owner else context.owner["enum"]
    words = [str(value) for value in allowed]
    near = get_close_matches(str(error.instance), words, 1, 0.5)
    hint = f"did you mean '{near[0]}'?" if near else _listed("allowed", words)
    name = _a(_name(error, context))
    yield error.instance_path, ("FT224", f"{_shown(error)} is not {name}", hint)


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _name(error: jsonschema_rs.ValidationError, context: _Context) -> str:
    return context.title or str(error.instance_path[-1] if error.instance_path else "value")


def _too_short(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    yield error.instance_path, ("FT225", f"{_name(error, context)} is empty", None)


def _too_long(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    message = f"{_name(error, context)} holds more than {error.kind.as_dict()['limit']}"
    yield error.instance_path, ("FT226", message, None)


def _none_of(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    keys = [key for branch in context.owner["anyOf"] for key in branch.get("required", ())]
    message = f"this {context.title} says nothing"
    yield error.instance_path, ("FT221", message, _listed("it needs one of", keys))


def _pattern(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    hint = f"it has to match {context.owner['pattern']}"
    name = _a(_name(error, context))
    yield error.instance_path, ("FT227", f"{_shown(error)} is not {name}", hint)


def _otherwise(error: jsonschema_rs.ValidationError, _: _Context) -> _Explained:
    yield error.instance_path, ("FT227", error.message[:200], None)


def _shown(error: jsonschema_rs.ValidationError) -> str:
    """The refused value, short and on one line."""
    value = error.instance
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    known = {"True": "true", "False": "false", "None": "null"}
    return known.get(text, text if len(text) <= 40 else f"{text[:37]}...")


_EXPLAINERS: dict[str, Callable[[jsonschema_rs.ValidationError, _Context], _Explained]] = {
    "required": _required,
    "additionalProperties": _unknown_keys,
    "type": _wrong_type,
    "enum": _not_allowed,
    "const": _not_allowed,
    "minItems": _too_short,
    "minLength": _too_short,
    "maxItems": _too_long,
    "maxLength": _too_long,
    "anyOf": _none_of,
    "pattern": _pattern,
}
