"""The rules about test prompts and what is expected of their answers."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NoReturn

import jsonschema_rs

from ftrunner.document import schema
from ftrunner.document.source import KeyPath
from ftrunner.document.valid_view import ValidView
from ftrunner.findings import Finding, json_path
from ftrunner.spec.build_tests import COMBINED, attempts
from ftrunner.spec.template import OPENING, without_references
from ftrunner.text import did_you_mean

_SCHEMA_HINT = "correct it; what it refers to is written out under `$defs`"
_OUR_REQUEST_KEYS = frozenset(("messages", "model", "stream", "n"))


def request_is_extra(spec: ValidView) -> Iterator[Finding]:
    for path in spec.inside("tests", "request"):
        if path[-1] in _OUR_REQUEST_KEYS:
            message = f"tests.request cannot set {path[-1]!r}: ftrunner does"
            hint = "leave it out; `repeat` asks a prompt several times"
            yield spec.finding("FT145", path, message, hint=hint, at="key")


def names_differ(spec: ValidView) -> Iterator[Finding]:
    first: dict[str, KeyPath] = {}
    for prompt in _prompts(spec):
        path = (*prompt, "name")
        name = spec.get(*path)
        if name in first:
            message = f"two prompts are called {spec.shown(path)}"
            hint = "reports know tests by their names; rename one of them"
            yield spec.finding("FT135", path, message, hint=hint)
        elif name is not None:
            first[name] = path


def something_is_said(spec: ValidView) -> Iterator[Finding]:
    for path in _prompts(spec):
        has_user, has_messages = spec.has(*path, "user"), spec.has(*path, "messages")
        if has_user and has_messages:
            hint = "keep one: `user` for one message, `messages` for a conversation"
            message = "the prompt has both user and messages"
            yield spec.finding("FT136", (*path, "messages"), message, hint=hint, at="key")
        elif not has_user and not has_messages:
            hint = "write it under `user`, or under `messages` for a conversation"
            yield spec.finding(
                "FT136", path, "the prompt has neither `user` nor `messages`", hint=hint
            )
        elif has_messages and spec.has(*path, "system"):
            hint = "make it the first of `messages`, with role system"
            message = "the prompt has both system and messages"
            yield spec.finding("FT136", (*path, "system"), message, hint=hint, at="key")


def enough_attempts(spec: ValidView) -> Iterator[Finding]:
    defaults = _attempts(spec, ("tests",))
    yield from _too_few(spec, ("tests",), defaults, {})
    for path in _prompts(spec):
        yield from _too_few(spec, path, _attempts(spec, path), defaults)


def _attempts(spec: ValidView, path: KeyPath) -> dict[str, int]:
    counts = {key: spec.get(*path, key) for key in ("repeat", "pass_at_least")}
    return {key: count for key, count in counts.items() if count is not None}


def _too_few(
    spec: ValidView, path: KeyPath, own: dict[str, int], defaults: dict[str, int]
) -> Iterator[Finding]:
    repeat, pass_at_least = attempts(own, defaults)
    if own and pass_at_least > repeat:
        key = "pass_at_least" if "pass_at_least" in own else "repeat"
        message = "pass_at_least is over repeat: the test can never pass"
        hint = "raise `repeat`, or lower `pass_at_least`"
        yield spec.finding("FT139", (*path, key), message, hint=hint)


def expectations_can_be_met(spec: ValidView) -> Iterator[Finding]:
    """What no answer could meet, or could be checked against, is found before anything is asked."""
    for expectation in _expectations(spec):
        for path in spec.inside(*expectation):
            for inside, check in _checks().get(str(path[-1]), ()):
                value = spec.get(*path, *inside)
                if value is not None:
                    yield from check(spec, (*path, *inside), value)


def _pattern(spec: ValidView, path: KeyPath, pattern: str) -> Iterator[Finding]:
    fault = _pattern_fault(without_references(pattern) if OPENING in pattern else pattern)
    if fault is not None:
        message = f"this is not a regular expression{spec.detail(path, fault)}"
        hint = "it is Python's kind; in YAML put it in 'single quotes'"
        yield spec.finding("FT137", path, message, hint=hint)


def _schema(spec: ValidView, path: KeyPath, value: Any) -> Iterator[Finding]:
    try:
        compile_schema(value)
    except ValueError as error:
        message = f"this is not a JSON Schema{spec.detail(path, str(error))}"
        yield spec.finding("FT138", path, message, hint=_SCHEMA_HINT, at="key")


# What refers to a column is known once the rows of the set are read.


def _label(spec: ValidView, path: KeyPath, label: str) -> Iterator[Finding]:
    labels = spec.get(*path[:-1], "in")
    if OPENING not in label and labels is not None and label not in labels:
        near = did_you_mean(label, labels) if spec.may_show(path) else ""
        message = f"{spec.shown(path)} is not one of the labels{near}"
        yield spec.finding("FT146", path, message, hint="correct it, or add it to `in`")


def _number(spec: ValidView, path: KeyPath, number: Any) -> Iterator[Finding]:
    if isinstance(number, str) and OPENING not in number:
        hint = "write it without quotes, or refer to a column: '{{item.answer}}'"
        yield spec.finding("FT146", path, f"{spec.shown(path)} is not a number", hint=hint)


def _json_object(spec: ValidView, path: KeyPath, text: str) -> Iterator[Finding]:
    if OPENING not in text and not _is_object(text):
        message = "the reference is not a JSON object"
        hint = "for example, '{\"total\": 12.5}', in single quotes"
        yield spec.finding("FT146", path, message, hint=hint)


Check = Callable[[ValidView, KeyPath, Any], Iterator[Finding]]
_CHECKS: Mapping[str, Check] = {
    "regex": _pattern,
    "json_schema": _schema,
    "label": _label,
    "number": _number,
    "json_object": _json_object,
}


@cache
def _checks() -> Mapping[str, Sequence[tuple[KeyPath, Check]]]:
    """What is checked of a kind of expectation, and where in its value: `x-check` in the schema."""
    kinds: Mapping[str, Any] = schema.load("spec")["$defs"]["assertion"]["properties"]
    return {kind: tuple(_checks_in(fragment)) for kind, fragment in kinds.items()}


def _checks_in(fragment: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Check]]:
    if "x-check" in fragment:
        yield (), _CHECKS[fragment["x-check"]]
    for key, inner in fragment.get("properties", {}).items():
        yield from (((key, *path), check) for path, check in _checks_in(inner))


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def lengths_agree(spec: ValidView) -> Iterator[Finding]:
    for prompt in _asked(spec):
        expected = list(spec.inside(*prompt, "expect"))
        bounds = [spec.get(*path, "min_chars") for path in expected]
        least = max((bound for bound in bounds if bound is not None), default=0)
        for path in expected if least else ():
            most = spec.get(*path, "max_chars")
            if most is not None and most < least:
                message = "min_chars is over max_chars: no answer can be both"
                hint = "lower `min_chars`, or raise `max_chars`"
                yield spec.finding("FT141", (*path, "max_chars"), message, hint=hint)


def _prompts(spec: ValidView) -> Iterator[KeyPath]:
    return (path for path in spec.inside("tests", "prompts") if spec.is_mapping(path))


def _asked(spec: ValidView) -> Iterator[KeyPath]:
    """Prompts and test sets: all that have expectations."""
    yield from _prompts(spec)
    yield from (path for path in spec.inside("tests", "sets") if spec.is_mapping(path))


def _expectations(spec: ValidView) -> Iterator[KeyPath]:
    """Every expectation, negated and combined ones too."""
    for asked in _asked(spec):
        for path in spec.inside(*asked, "expect"):
            yield from _nested(spec, path)


def _nested(spec: ValidView, path: KeyPath) -> Iterator[KeyPath]:
    """An expectation, and those inside it."""
    yield path
    for inner in spec.inside(*path):
        if inner[-1] == "not":
            yield from _nested(spec, inner)
        elif inner[-1] in COMBINED:
            for combined in spec.inside(*inner):
                yield from _nested(spec, combined)


def _pattern_fault(pattern: str) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python may read differently one day
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error) or type(error).__name__
    return None


EXPECTATION_RULES: tuple[Callable[[ValidView], Iterable[Finding]], ...] = (
    request_is_extra,
    enough_attempts,
    names_differ,
    something_is_said,
    expectations_can_be_met,
    lengths_agree,
)


def compile_schema(value: Any) -> jsonschema_rs.Validator:
    """A validator for a user's schema, 2020-12 unless it says otherwise.

    Fetches nothing: a reference to another document is an error. Raises ValueError with the
    place and the reason where the schema is not one.
    """
    refused: list[str] = []

    def refuse(uri: str) -> NoReturn:
        refused.append(uri)
        raise ValueError(uri)

    try:
        return jsonschema_rs.validator_for(value, retriever=refuse)
    except jsonschema_rs.ValidationError as error:
        raise ValueError(_foreign(refused) or _reason(error)) from error
    except jsonschema_rs.ReferencingError as error:
        raise ValueError(_foreign(refused) or str(error)) from error


def _foreign(refused: list[str]) -> str:
    return f"it refers to another document, {refused[0]}" if refused else ""


def _reason(error: jsonschema_rs.ValidationError) -> str:
    place = json_path(error.instance_path)
    return f"{place} cannot be {json.dumps(error.instance)}" if place else error.message
