"""What a JSON Schema refuses, said for people: one fault for each refusal."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, cast

import jsonschema_rs

from ftrunner.dataset.lines import advice
from ftrunner.dataset.lines.faults import MOST_OF_A_LINE, Fault
from ftrunner.dataset.lines.forms import Form, schema_of, validator
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
# Unknown keys that one finding names.
_KEYS_NAMED = 6


def faults(value: Mapping[str, Any], form: Form) -> Iterator[Fault]:
    """The ways in which `value` is not a line of this form, up to MOST_OF_A_LINE.

    Of long lists these are the first items that are refused.
    """
    return islice(_all_faults(value, form), MOST_OF_A_LINE)


def _all_faults(value: Mapping[str, Any], form: Form) -> Iterator[Fault]:
    accepts = validator(form)
    nulls = null_keys(value, form)
    if nulls:
        yield _null_fault(nulls)
        value = without(value, nulls)
    said = set()
    for error in _errors(value, accepts):
        explain = _EXPLAINERS.get(error.kind.name, _otherwise)
        for path, (code, message, hint) in explain(error, _Context(form, error)):
            fault = Fault(code, message, json_path(path), hint=hint)
            if fault not in said:
                said.add(fault)
                yield fault


def _null_fault(paths: Sequence[Path]) -> Fault:
    keys = list(dict.fromkeys(f"'{path[-1]}'" for path in paths))
    message = f"{_listing(keys)} {'is' if len(keys) == 1 else 'are'} null, and may only be left out"
    place = json_path(paths[0]) if len(paths) == 1 else ""
    return Fault("FT264", message, place, hint=_repair("FT264", "leaves such keys out"))


def _repair(code: str, what: str) -> str:
    return f"`ftrunner data fix SOURCE TARGET --repair {code}` {what}"


def null_keys(value: Mapping[str, Any], form: Form) -> list[Path]:
    """Where keys are null that the schema refuses so, and takes when they are left out."""
    accepts = validator(form)
    refused = [path for path in _refused_nulls(_errors(value, accepts)) if path]
    if not refused:
        return []
    errors = _errors(without(value, refused), accepts)
    needed = {
        (*error.instance_path, error.kind.as_dict()["property"])
        for error in errors
        if error.kind.name == "required"
    }
    return [path for path in refused if path not in needed]


def _refused_nulls(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[tuple[Any, ...]]:
    for error in errors:
        path = tuple(error.instance_path)
        if error.kind.name == "additionalProperties":
            instance = cast(dict[str, Any], error.instance)
            keys = error.kind.as_dict()["unexpected"]
            yield from ((*path, key) for key in keys if instance[key] is None)
        elif error.instance is None and path and isinstance(path[-1], str):
            yield path


def unknown_keys(value: Mapping[str, Any], form: Form) -> list[Path]:
    """Where keys are that the schema does not know."""
    return [
        (*error.instance_path, key)
        for error in _errors(value, validator(form))
        if error.kind.name == "additionalProperties"
        for key in error.kind.as_dict()["unexpected"]
    ]


def without(value: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """A copy of `value` without the keys at `paths`."""
    copied: dict[str, Any] = json.loads(json.dumps(value))
    for path in paths:
        owner: Any = copied
        for step in path[:-1]:
            owner = owner[step]
        owner.pop(path[-1], None)
    return copied


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

    def __init__(self, form: Form, error: jsonschema_rs.ValidationError) -> None:
        self._root = schema_of(form)
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
    hint = (
        f"is '{near[0]}' a misspelling of it?" if near else advice.on_missing(error.instance, key)
    )
    yield error.instance_path, ("FT221", f"the key '{key}' is missing{where}", hint)


def _unknown(error: jsonschema_rs.ValidationError, context: _Context) -> Iterator[str]:
    """Keys of the refused object that its schema does not name."""
    known = context.owner.get("properties", {})
    return (key for key in cast(dict[str, Any], error.instance) if key not in known)


def _unknown_keys(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    """Each key that is near a known one by itself, and all others at once."""
    known = [str(key) for key in context.owner.get("properties", ())]
    what = f"of {_a(context.title)}" if context.title else "here"
    instance = cast(dict[str, Any], error.instance)
    missing = [key for key in known if key not in instance]
    others = []
    for key in error.kind.as_dict()["unexpected"]:
        near = get_close_matches(key, missing, 1, 0.75)
        if near:
            hint = f"did you mean '{near[0]}'?"
            yield (*error.instance_path, key), ("FT222", f"'{key}' is not a key {what}", hint)
        else:
            others.append(key)
    if others and not advice.says_all(instance, context.title):
        yield _others(error.instance_path, others, what, known)


def _others(path: Path, keys: Sequence[str], what: str, known: Sequence[str]) -> tuple[Path, _Said]:
    if keys == ["weight"]:
        return (*path, "weight"), (
            "FT222", f"'weight' is not a key {what}", "weight belongs on assistant messages only"
        )  # fmt: skip
    hint = f"known keys: {', '.join(known)}; {_repair('FT222', 'drops the others')}"
    origin = advice.origin_of(keys, path)
    if origin:
        hint = f"{origin}; {_repair('FT222', 'drops them' if len(keys) > 1 else 'drops it')}"
    if len(keys) == 1:
        return (*path, keys[0]), ("FT222", f"'{keys[0]}' is not a key {what}", hint)
    names = _listing([f"'{key}'" for key in keys[:_KEYS_NAMED]])
    more = f" and {len(keys) - _KEYS_NAMED:,} more" if len(keys) > _KEYS_NAMED else ""
    return path, ("FT222", f"{names}{more} are not keys {what}", hint)


def _listing(words: Sequence[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def _listed(label: str, words: Sequence[str]) -> str | None:
    return f"{label}: {', '.join(words)}" if words else None


def _wrong_type(error: jsonschema_rs.ValidationError, _: _Context) -> _Explained:
    types = error.kind.as_dict()["types"]
    # Where null is one of several kinds it means nothing, which is not what was meant.
    kinds = [name for name in types if name != "null"] or types
    wanted = " or ".join(_KINDS[name] for name in kinds)
    hint = advice.on_type(error.instance_path, error.instance) or f"write {wanted}"
    yield error.instance_path, ("FT223", f"{_shown(error)} where {wanted} is wanted", hint)


def _not_allowed(error: jsonschema_rs.ValidationError, context: _Context) -> _Explained:
    allowed = [context.owner["const"]] if "const" in context.owner else context.owner["enum"]
    words = [str(value) for value in allowed]
    hint = advice.on_value(error.instance_path, error.instance, allowed)
    if hint is None:
        written = error.instance if isinstance(error.instance, str) else ""
        near = get_close_matches(written, words, 1, 0.5)
        hint = f"did you mean '{near[0]}'?" if near else _listed("allowed", words)
    name = _a(_name(error, context))
    yield error.instance_path, ("FT224", f"{_shown(error)} is not {name}", hint)


def _a(noun: str) -> str:
    sounds_open = noun[:1] in "aeio" or noun.startswith("un")
    return f"an {noun}" if sounds_open else f"a {noun}"


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
