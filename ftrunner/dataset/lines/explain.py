"""What a JSON Schema refuses, said for people: one fault for each refusal."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import reduce
from itertools import islice
from operator import getitem
from typing import Any

import jsonschema_rs

from ftrunner.dataset.lines import advice
from ftrunner.dataset.lines.faults import MOST_OF_A_LINE, Fault
from ftrunner.dataset.lines.forms import Form, schema_of, validator
from ftrunner.document.refusal import Refusal
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
    nulls = null_keys(value, form)
    if nulls:
        yield _null_fault(nulls)
        value = without(value, nulls)
    said = set()
    for refusal in _refusals(value, form):
        explain = _EXPLAINERS.get(refusal.keyword, _otherwise)
        for path, (code, message, hint) in explain(refusal):
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
    refused = [path for path in _refused_nulls(_refusals(value, form)) if path]
    if not refused:
        return []
    needed = {
        (*refusal.path, key)
        for refusal in _refusals(without(value, refused), form)
        if refusal.keyword == "required"
        for key in refusal.missing
    }
    return [path for path in refused if path not in needed]


def _refused_nulls(refusals: Iterable[Refusal]) -> Iterator[tuple[str | int, ...]]:
    for refusal in refusals:
        path = refusal.path
        if refusal.keyword == "additionalProperties":
            yield from ((*path, key) for key in refusal.unknown if refusal.value[key] is None)
        elif refusal.value is None and path and isinstance(path[-1], str):
            yield path


def unknown_keys(value: Mapping[str, Any], form: Form) -> list[Path]:
    """Where keys are that the schema does not know."""
    return [
        (*refusal.path, key)
        for refusal in _refusals(value, form)
        if refusal.keyword == "additionalProperties"
        for key in refusal.unknown
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


def _refusals(value: Mapping[str, Any], form: Form) -> Iterator[Refusal]:
    """What the schema of `form` refuses in `value`."""
    whole: Any = schema_of(form)
    for error in _errors(value, validator(form)):
        keyword = error.kind.name
        holder: Any = reduce(getitem, error.schema_path[:-1], whole)
        yield Refusal(
            tuple(error.instance_path),
            keyword,
            holder.get(keyword),
            error.instance,
            holder,
            error.message,
        )


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


_Explained = Iterator[tuple[Path, _Said]]


def _title(refusal: Refusal) -> str:
    """What the refused value is, as in `user message`; empty where the schema is unnamed."""
    return str(refusal.schema.get("title", "")).lower()


def _required(refusal: Refusal) -> _Explained:
    where = f" in this {_title(refusal)}" if _title(refusal) else ""
    for key in refusal.missing:
        near = get_close_matches(key, refusal.unknown[:MOST_OF_A_LINE], 1, 0.75)
        if near and refusal.schema.get("additionalProperties") is False:
            continue  # the misspelt key is refused by itself, with this one as its hint
        hint = advice.on_missing(refusal.value, key)
        if near:
            hint = f"is '{near[0]}' a misspelling of it?"
        yield refusal.path, ("FT221", f"the key '{key}' is missing{where}", hint)


def _unknown_keys(refusal: Refusal) -> _Explained:
    """Each key that is near a known one by itself, and all others at once."""
    title = _title(refusal)
    what = f"of {_a(title)}" if title else "here"
    missing = [key for key in refusal.properties if key not in refusal.value]
    others = []
    for key in refusal.unknown:
        near = get_close_matches(key, missing, 1, 0.75)
        if near:
            hint = f"did you mean '{near[0]}'?"
            yield (*refusal.path, key), ("FT222", f"'{key}' is not a key {what}", hint)
        else:
            others.append(key)
    if others and not advice.says_all(refusal.value, title):
        yield _others(refusal.path, others, what, list(refusal.properties))


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


def _wrong_type(refusal: Refusal) -> _Explained:
    types = [refusal.limit] if isinstance(refusal.limit, str) else refusal.limit
    # Where null is one of several kinds it means nothing, which is not what was meant.
    kinds = [name for name in types if name != "null"] or types
    wanted = " or ".join(_KINDS[name] for name in kinds)
    hint = advice.on_type(refusal.path, refusal.value) or f"write {wanted}"
    yield refusal.path, ("FT223", f"{_shown(refusal.value)} where {wanted} is wanted", hint)


def _not_allowed(refusal: Refusal) -> _Explained:
    allowed = [refusal.limit] if refusal.keyword == "const" else refusal.limit
    words = [str(value) for value in allowed]
    hint = advice.on_value(refusal.path, refusal.value, allowed)
    if hint is None:
        written = refusal.value if isinstance(refusal.value, str) else ""
        near = get_close_matches(written, words, 1, 0.5)
        hint = f"did you mean '{near[0]}'?" if near else _listed("allowed", words)
    message = f"{_shown(refusal.value)} is not {_a(_name(refusal))}"
    yield refusal.path, ("FT224", message, hint)


def _a(noun: str) -> str:
    sounds_open = noun[:1] in "aeio" or noun.startswith("un")
    return f"an {noun}" if sounds_open else f"a {noun}"


def _name(refusal: Refusal) -> str:
    return _title(refusal) or str(refusal.path[-1] if refusal.path else "value")


def _too_short(refusal: Refusal) -> _Explained:
    yield refusal.path, ("FT225", f"{_name(refusal)} is empty", None)


def _too_long(refusal: Refusal) -> _Explained:
    yield refusal.path, ("FT226", f"{_name(refusal)} holds more than {refusal.limit}", None)


def _none_of(refusal: Refusal) -> _Explained:
    keys = [key for branch in refusal.limit for key in branch.get("required", ())]
    message = f"this {_title(refusal)} says nothing"
    yield refusal.path, ("FT221", message, _listed("it needs one of", keys))


def _pattern(refusal: Refusal) -> _Explained:
    message = f"{_shown(refusal.value)} is not {_a(_name(refusal))}"
    yield refusal.path, ("FT227", message, f"it has to match {refusal.limit}")


def _otherwise(refusal: Refusal) -> _Explained:
    yield refusal.path, ("FT227", refusal.message[:200], None)


def _shown(value: object) -> str:
    """The refused value, short and on one line."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    known = {"True": "true", "False": "false", "None": "null"}
    return known.get(text, text if len(text) <= 40 else f"{text[:37]}...")


_EXPLAINERS: dict[str, Callable[[Refusal], _Explained]] = {
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
