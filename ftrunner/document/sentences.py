"""A schema's refusal, said in a sentence: which value, what it must be, what it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from ftrunner.document.phrases import SIZE_KEYWORDS, example, got, listing, size_bound, wanted
from ftrunner.document.refusal import Refusal
from ftrunner.document.scalars import resolve
from ftrunner.document.slips import ESCAPES
from ftrunner.document.source import Source
from ftrunner.findings import Finding, json_path
from ftrunner.text import did_you_mean

# The keywords whose refusals read "must be …, not …", and the code of each.
_CODES = {
    "const": "FT123",
    "enum": "FT123",
    "minimum": "FT124",
    "maximum": "FT124",
    "exclusiveMinimum": "FT124",
    "exclusiveMaximum": "FT124",
    "pattern": "FT126",
}
_TYPE_CODE = "FT122"
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(%?)")


def explain(refusal: Refusal, source: Source) -> Iterator[Finding]:
    """The findings of one refusal that has no better one inside."""
    if refusal.is_about_key:
        yield _bad_key(refusal, source)
    else:
        yield from _EXPLAINERS.get(refusal.keyword, _must_be)(refusal, source)


def _unknown_keys(refusal: Refusal, source: Source) -> Iterator[Finding]:
    known = refusal.properties
    for key in refusal.unknown:
        outward = _outward(refusal, key)
        others = (name for name in known if name not in refusal.value)
        near = "" if outward else did_you_mean(key, others)
        message = f"{source.shown((), key)} is not a key of {refusal.place}{near}"
        hint = outward or (None if near else f"it takes {listing(list(known), 'and')}")
        yield source.finding("FT120", (*refusal.path, key), message, hint=hint, at="key")


def _outward(refusal: Refusal, key: str) -> str | None:
    """To move a key that was indented too deep to the mapping that takes it."""
    if key not in refusal.outside:
        return None
    outer = refusal.outside[key]
    place = json_path(outer) if outer else f"the {refusal.noun}"
    beside = refusal.path[len(outer)]
    return f"`{key}` is a key of {place}: write it beside `{beside}`, not inside"


def _missing_keys(refusal: Refusal, source: Source) -> Iterator[Finding]:
    for key in refusal.missing:
        if did_you_mean(key, refusal.unknown):
            continue  # the misspelt key has its own finding
        message = f"{refusal.place} lacks {key!r}"
        hint = example(key, refusal.properties[key])
        yield source.finding("FT121", (*refusal.path, key), message, hint=hint, at="key")


def _wrong_size(refusal: Refusal, source: Source) -> Iterator[Finding]:
    size = len(refusal.value)
    message = f"{refusal.place} must have {size_bound(refusal.keyword, refusal.limit)}"
    message = f"{message}; it has {size:,}" if size else f"{refusal.place} must not be empty"
    hint = example(refusal.key, refusal.schema) if size == 0 else refusal.schema.get("x-hint")
    at: Literal["key", "value"] = "value" if isinstance(refusal.value, str) or not size else "key"
    yield source.finding("FT125", refusal.path, message, hint=hint, at=at)


def _repeated_items(refusal: Refusal, source: Source) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(refusal.value):
        form = json.dumps(item, sort_keys=True)
        if form in seen:
            path = (*refusal.path, index)
            message = f"{refusal.place} has {source.shown(path, item)} twice"
            yield source.finding("FT125", path, message, hint="keep one of the two")
        seen.add(form)


def _must_be(refusal: Refusal, source: Source) -> Iterator[Finding]:
    path, near = refusal.path, _meant(refusal, source)
    message = f"{refusal.place} must be {wanted(refusal.schema)}, not "
    message += got(refusal.value, path, source) + near
    code = _CODES.get(refusal.keyword, _TYPE_CODE)
    yield source.finding(code, path, message, hint=None if near else _hint(refusal, source))


def _meant(refusal: Refusal, source: Source) -> str:
    """`; did you mean 'dpo'?` where a choice is misspelt, or called as others call it."""
    value, choices = refusal.value, list(_choices(refusal.schema))
    if not choices or not isinstance(value, str) or source.is_hidden(refusal.path):
        return ""
    word = re.sub("[^a-z]", "", value.lower())
    same = refusal.schema.get("x-also-called", {}).get(word)
    return f"; did you mean {same!r}?" if same else did_you_mean(value, choices)


def _choices(schema: Mapping[str, Any]) -> Iterator[str]:
    """The words that a schema takes, also in its alternatives."""
    words = (*schema.get("enum", ()), schema.get("const"))
    yield from (word for word in words if isinstance(word, str))
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _choices(inner)


def _hint(refusal: Refusal, source: Source) -> str | None:
    """To move a key outward, to quote what YAML read as another value, else an example."""
    if refusal.keyword == "type" and (outward := _outward(refusal, refusal.key)):
        return outward
    wants_text = "text" in wanted(refusal.schema)
    is_other = isinstance(refusal.value, int | float)
    if wants_text and is_other and not source.is_hidden(refusal.path):
        return _quote_it(source.raw(refusal.path), json.dumps(refusal.value))
    written = _as_share(refusal) or _as_number(refusal)
    if written is not None and not source.is_hidden(refusal.path):
        return written
    if "a path" in wanted(refusal.schema) and "\\" in source.raw(refusal.path):
        return ESCAPES
    return example(refusal.key, refusal.schema) if refusal.path else None


def _as_share(refusal: Refusal) -> str | None:
    """How to write a share that was written in percent."""
    bounds, kinds = refusal.schema, _kinds(refusal.schema)
    if "number" not in kinds or 1 not in (bounds.get("maximum"), bounds.get("exclusiveMaximum")):
        return None
    text = str(refusal.value).strip()
    match = _PERCENT.fullmatch(text)
    percent = float(match[1]) if match else 0.0
    if not (1 < percent <= 100 or (match and match[2] and percent <= 100)):
        return None
    return f"{percent:g} % is written as a share: `{refusal.key}: {percent / 100:g}`"


def _as_number(refusal: Refusal) -> str | None:
    """How to write a number that was written as a text or with a point."""
    kinds = _kinds(refusal.schema)
    value = refusal.value
    if isinstance(value, str) and kinds & {"integer", "number", "boolean"}:
        meant = resolve(value.strip())
        if isinstance(meant, bool) == ("boolean" in kinds) and isinstance(meant, int | float):
            return f"remove the quotes: `{refusal.key}: {value.strip()}`"
    if isinstance(value, float) and value.is_integer() and "integer" in kinds:
        return f"write it without the point: `{refusal.key}: {int(value)}`"
    return None


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    """The types that a schema takes, also in its alternatives."""
    types = schema.get("type", ())
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    own = {types} if isinstance(types, str) else set(types)
    return own.union(*map(_kinds, inner)) if inner else own


def _quote_it(raw: str, meaning: str) -> str:
    reading = "" if raw == meaning else f"YAML reads `{raw}` as {meaning}; "
    return f'{reading}quote it: "{raw}"'


def _bad_key(refusal: Refusal, source: Source) -> Finding:
    phrase = refusal.schema.get("x-wanted")
    demand = f"be {phrase}" if phrase else f"have {size_bound(refusal.keyword, refusal.limit)}"
    message = f"the key {source.shown((), refusal.value)} of {refusal.place} must {demand}"
    return source.finding("FT126", (*refusal.path, refusal.value), message, at="key")


_EXPLAINERS: Mapping[str, Callable[[Refusal, Source], Iterator[Finding]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "uniqueItems": _repeated_items,
    **dict.fromkeys(SIZE_KEYWORDS, _wrong_size),
}
