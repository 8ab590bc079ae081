"""Every fault of a document that its schema refuses, explained."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, reduce
from operator import getitem
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from ftrunner.document import schema
from ftrunner.document.document import Document
from ftrunner.document.refusal import Refusal
from ftrunner.document.sentences import explain
from ftrunner.document.source import KeyPath
from ftrunner.findings import Finding

_NOUNS = {"provider": "profile", "prices": "price table"}
_INWARD = frozenset(("properties", "additionalProperties", "items"))
_SHAPE_KEYWORDS = frozenset(("type", "const", "enum"))


def structure_faults(document: Document, kind: str) -> list[Finding]:
    """What the schema of this `kind` refuses. Places with a finding already get no second one."""
    known = {finding.location.path for finding in document.findings}
    errors = _validator(kind).iter_errors(document.root)
    found = (
        finding
        for error in errors
        for leaf in _reduce(error)
        for finding in explain(_refusal(leaf, kind, document.root), document.source)
        if finding.location.path not in known
    )
    return list(dict.fromkeys(found))


def _refusal(error: ValidationError, kind: str, root: Any) -> Refusal:
    return Refusal(
        path=tuple(error.absolute_path),
        keyword=str(error.validator),
        limit=error.validator_value,
        value=error.instance,
        schema=error.schema if isinstance(error.schema, dict) else {},
        is_about_key="propertyNames" in error.absolute_schema_path,
        noun=_NOUNS.get(kind, kind),
        outside=_free_outside(error, schema.load(kind), root),
    )


def _free_outside(error: ValidationError, whole: Any, value: Any) -> Mapping[str, KeyPath]:
    """The keys that a mapping around the refused value could still take, and where that is."""
    free: dict[str, KeyPath] = {}
    node, path, depth = whole, tuple(error.absolute_path), 0
    parts = iter(error.absolute_schema_path)
    while depth < len(path):
        node = _followed(whole, node)
        taken = node.get("properties", {}) if isinstance(node, dict) else {}
        free = {key: place for key, place in free.items() if key not in taken}
        free |= {key: path[:depth] for key in taken if key not in value}
        part = next(parts)
        node = node[part]
        if part == "properties":
            node = node[next(parts)]
        if part in _INWARD:
            value, depth = value[path[depth]], depth + 1
    return free


def _followed(whole: Any, node: Any) -> Any:
    """What a schema refers to, in place of its `$ref`: the paths of errors leave that out."""
    while isinstance(node, dict) and "$ref" in node:
        steps = node["$ref"].removeprefix("#/").split("/")
        node = {**reduce(getitem, steps, whole), **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def _reduce(error: ValidationError) -> Iterator[ValidationError]:
    """A choice (`anyOf`) gives way to the faults inside the alternative that was meant."""
    branches = _meant(error)
    if branches:
        for inner in max(branches, key=_depth):
            yield from _reduce(inner)
    else:
        yield error


def _meant(error: ValidationError) -> list[list[ValidationError]]:
    """The alternatives whose shape the value has: no fault in its own type or constant."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    return [errors for errors in branches.values() if not any(map(_is_shape, errors))]


def _is_shape(error: ValidationError) -> bool:
    return not error.relative_path and error.validator in _SHAPE_KEYWORDS


def _depth(errors: Collection[ValidationError]) -> int:
    return max(len(error.absolute_path) for error in errors)


def _is_integer(_checker: object, value: object) -> bool:
    """Written as a whole number: 10.0 would be another training than 10."""
    return isinstance(value, int) and not isinstance(value, bool)


def _pattern(
    _validator: object, pattern: str, value: object, _schema: object
) -> Iterator[ValidationError]:
    """A last `$` is the end, as JSON Schema has it; Python's matches before a line break too."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


@cache
def _validator(kind: str) -> Validator:
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    strict: type[Validator] = extend(  # type: ignore[no-untyped-call]  # the stubs leave it bare
        Draft202012Validator, {"pattern": _pattern}, type_checker=checker
    )
    return strict(schema.load(kind))
