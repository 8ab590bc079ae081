"""What a spec can expect of an answer: one function per kind.

Those about the text alone, and combinations, are here; `compared` and `behaviour` have the others.
A function with the decorator `expectation` is all that a new kind needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Imported for the kinds that they register.
from ftrunner.evaluation import behaviour, compared  # noqa: F401
from ftrunner.evaluation.answer import KINDS, Answer, Grade, expectation, failed, met
from ftrunner.findings import json_path
from ftrunner.spec.build_tests import COMBINED
from ftrunner.spec.expectations import compile_schema
from ftrunner.spec.testing import Assertion

__all__ = ["KINDS", "Check", "check", "describe", "outcome"]

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Check:
    """One assertion held against one answer. `why` says what is wrong with the answer."""

    expected: str
    passed: bool
    why: str | None = None
    score: float = 0.0
    kind: str = ""
    label: str | None = None
    fields: Mapping[str, float] = field(default_factory=dict)


def check(assertion: Assertion, answer: Answer) -> Check:
    """Hold `assertion` against `answer`; `not:` turns the verdict round."""
    found = outcome(assertion, answer)
    return Check(
        expected=describe(assertion),
        passed=found.passed,
        why=found.why,
        score=found.score,
        kind=assertion.kind,
        label=found.label,
        fields=found.fields,
    )


def outcome(assertion: Assertion, answer: Answer) -> Grade:
    """How `answer` does on `assertion`, with a score from 0 to 1."""
    found = KINDS[assertion.kind].judge(assertion.value, answer)
    if not assertion.negated:
        return found
    why = "it does" if found.passed else None
    return Grade(not found.passed, 1 - found.score, why, found.label, found.fields)


def describe(assertion: Assertion) -> str:
    """The assertion as the spec's author wrote it: `not starts_with 一天`."""
    value = assertion.value
    if assertion.kind in COMBINED:
        value = [describe(inner) for inner in value]
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    kind = f"not {assertion.kind}" if assertion.negated else assertion.kind
    return kind if value is True else f"{kind} {_short(shown)}"


@expectation("{title: Equals, type: string, examples: [billing]}")
def equals(expected: str, answer: Answer) -> Grade:
    """The answer is this text, apart from white space around it."""
    same = answer.text.strip() == expected.strip()
    return met(None if same else f"the answer is {_short(answer.text)!r}")


@expectation("{title: Contains, type: string, minLength: 1, examples: [whale]}")
def contains(expected: str, answer: Answer) -> Grade:
    """The answer holds this text."""
    return met(None if expected in answer.text else "it is not there")


@expectation("{title: 'Contains, any case', type: string, minLength: 1, examples: [refund]}")
def icontains(expected: str, answer: Answer) -> Grade:
    """The answer holds this text in capital or small letters."""
    found = expected.casefold() in answer.text.casefold()
    return met(None if found else "it is not there")


@expectation("{title: Starts with, type: string, minLength: 1, examples: [Once]}")
def starts_with(expected: str, answer: Answer) -> Grade:
    """The answer begins with this text."""
    text = answer.text
    start = text[: len(expected)]
    return met(None if text.startswith(expected) else f"it starts with {start!r}")


@expectation("{title: Ends with, type: string, minLength: 1, examples: [.]}")
def ends_with(expected: str, answer: Answer) -> Grade:
    """The answer ends with this text."""
    text = answer.text
    end = text[-len(expected) :]
    return met(None if text.endswith(expected) else f"it ends with {end!r}")


@expectation(
    """
    title: Matches
    type: string
    minLength: 1
    x-check: regex
    examples: [^Once .* whale]
    """,
    quote=re.escape,
)
def matches(expected: str, answer: Answer) -> Grade:
    """A regular expression (Python's) that is found in the answer."""
    return met(None if re.search(expected, answer.text) else "it does not match")


@expectation(
    """
    title: One of
    type: array
    items: {type: string}
    minItems: 1
    examples: [[billing, technical]]
    """
)
def one_of(expected: tuple[str, ...], answer: Answer) -> Grade:
    """The answer is one of these texts."""
    given = answer.text
    return met(None if given.strip() in expected else f"the answer is {_short(given)!r}")


@expectation("{title: At least this long, type: integer, minimum: 0, examples: [1]}")
def min_chars(expected: int, answer: Answer) -> Grade:
    """The least number of characters."""
    length = len(answer.text)
    return met(None if length >= expected else f"it has {length}")


@expectation("{title: At most this long, type: integer, minimum: 0, examples: [60]}")
def max_chars(expected: int, answer: Answer) -> Grade:
    """The greatest number of characters."""
    length = len(answer.text)
    return met(None if length <= expected else f"it has {length}")


@expectation("{title: Is JSON, const: true, examples: [true]}")
def is_json(expected: bool, answer: Answer) -> Grade:  # noqa: FBT001 - the spec's value
    """The answer is one JSON value."""
    _, fault = _parsed(answer.text)
    if expected:
        return met(fault)
    return met(None if fault else "it is JSON")


@expectation(
    """
    title: JSON Schema
    type: [object, boolean]
    x-wanted: a JSON Schema
    x-check: json_schema
    examples: [{type: object, required: [category]}]
    """
)
def json_schema(expected: Any, answer: Answer) -> Grade:
    """The answer is JSON that this schema accepts."""
    value, fault = _parsed(answer.text)
    if fault:
        return failed(fault)
    error = next(compile_schema(expected).iter_errors(value), None)
    if error is None:
        return met(None)
    place = json_path(error.instance_path)
    return failed(f"{place}: {error.message}" if place else error.message)


@expectation(
    """
    title: All of
    type: array
    minItems: 1
    items: {$ref: "#/$defs/assertion"}
    examples: [[{contains: whale}, {max_chars: 60}]]
    """
)
def all_of(expected: tuple[Assertion, ...], answer: Answer) -> Grade:
    """All of these hold."""
    found = [outcome(inner, answer) for inner in expected]
    return Grade(
        passed=all(one.passed for one in found),
        score=min(one.score for one in found),
        why=next((one.why for one in found if not one.passed), None),
        label=next((one.label for one in found if one.label is not None), None),
        fields={key: score for one in found for key, score in one.fields.items()},
    )


@expectation(
    """
    title: Any of
    type: array
    minItems: 1
    items: {$ref: "#/$defs/assertion"}
    examples: [[{contains: whale}, {contains: dolphin}]]
    """
)
def any_of(expected: tuple[Assertion, ...], answer: Answer) -> Grade:
    """One of these holds, or several."""
    found = [outcome(inner, answer) for inner in expected]
    if any(one.passed for one in found):
        return Grade(passed=True, score=max(one.score for one in found))
    return failed("none of them holds", max(one.score for one in found))


def _parsed(text: str) -> tuple[Any, str | None]:
    try:
        return json.loads(text), None
    except (ValueError, RecursionError) as error:
        return None, f"it is not JSON: {error}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
