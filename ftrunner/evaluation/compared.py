"""Expectations that compare an answer with a reference: likeness, numbers, labels, fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import isfinite, nan
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from ftrunner.evaluation.answer import (
    Answer,
    BadReference,
    Grade,
    at_least,
    expectation,
    failed,
    met,
)
from ftrunner.text import did_you_mean

_NUMBER = re.compile(
    r"""[-+−]?
    (?: \d{1,3} (?: [,\u00a0\u202f'\ ] \d{3} )+ (?!\d)  # groups of three digits
      | \d+ )?
    (?: \.\d+ | (?<=\d) )
    (?: [eE][-+]?\d+ )?""",
    re.VERBOSE,
)
_WORD = re.compile(r"\w+", re.UNICODE)
_LABELS_NAMED = 20
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@expectation(
    """
    title: Similar
    type: object
    required: [to, at_least]
    additionalProperties: false
    properties:
      to:
        title: To
        description: The text to resemble.
        type: string
        minLength: 1
        examples: [Once upon a time]
      by:
        title: By
        description: How likeness is measured.
        enum: [fuzzy_match, rouge_l]
        default: fuzzy_match
        examples: [rouge_l]
      at_least:
        title: At least
        description: From 0, nothing alike, to 1, the same.
        type: number
        minimum: 0
        maximum: 1
        examples: [0.7]
    examples: [{to: Once upon a time, by: rouge_l, at_least: 0.7}]
    """
)
def similar(expected: Mapping[str, Any], answer: Answer) -> Grade:
    """The answer resembles a text."""
    measure = rouge_l if expected.get("by") == "rouge_l" else fuzzy_match
    return at_least(measure(answer.text, str(expected["to"])), expected["at_least"])


def fuzzy_match(text: str, reference: str) -> float:
    """rapidfuzz's ratio from 0 to 1: how few characters must change."""
    return fuzz.ratio(text, reference) / 100


def rouge_l(text: str, reference: str) -> float:
    """ROUGE-L: the F measure of the longest common subsequence of words, in any case."""
    words, wanted = _words(text), _words(reference)
    if not words or not wanted:
        return float(words == wanted)
    common = LCSseq.similarity(words, wanted)
    return 2 * common / (len(words) + len(wanted))


def _read_number(value: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        wanted = float(value["is"])
    except ValueError:
        wanted = nan
    if not isfinite(wanted):
        hint = "correct the file, or name another column in `number.is`"
        raise BadReference(f"'{value['is']}' is not a number", hint)
    return {**value, "is": wanted}


@expectation(
    """
    title: Number
    type: object
    required: [is]
    additionalProperties: false
    properties:
      is:
        title: Is
        description: The number, or a column of the row that holds it.
        type: [number, string]
        minLength: 1
        x-wanted: a number
        x-check: number
        examples: [42, "{{item.answer}}"]
      within:
        title: Within
        description: How far it may be off.
        type: number
        minimum: 0
        default: 0
        examples: [0.01]
    examples: [{is: 42, within: 0.5}]
    """,
    with_row=_read_number,
)
def number(expected: Mapping[str, Any], answer: Answer) -> Grade:
    """The last number in the answer is this one."""
    wanted: float = expected["is"]
    found = last_number(answer.text)
    if found is None:
        return failed("it holds no number")
    within = expected.get("within", 0)
    return met(None if _near(found, wanted, within) else f"the last number is {found:g}")


def last_number(text: str) -> float | None:
    """The last number in a text; spaces, commas and apostrophes may group its digits."""
    found = [match for match in _NUMBER.findall(text) if any(c.isdigit() for c in match)]
    if not found:
        return None
    return float(re.sub(r"[,\u00a0\u202f' ]", "", found[-1].replace("−", "-")))


def _some(labels: Sequence[str]) -> str:
    """All labels, or the first ones of many."""
    more = ", …" if len(labels) > _LABELS_NAMED else ""
    return ", ".join(labels[:_LABELS_NAMED]) + more


def _read_label(value: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted = value["is"].strip().casefold()
    found = next((one for one in value["in"] if one.casefold() == wanted), None)
    if found is None:
        hint = f"the labels are {_some(value['in'])}; correct the file, or the list in `label.in`"
        near = did_you_mean(value["is"], value["in"])
        raise BadReference(f"'{value['is']}' is not one of the labels{near}", hint)
    return {**value, "is": found}


@expectation(
    """
    title: Label
    type: object
    required: [in, is]
    additionalProperties: false
    properties:
      in:
        title: In
        description: All labels there are.
        type: array
        items: {type: string, minLength: 1}
        minItems: 2
        uniqueItems: true
        examples: [[billing, technical]]
      is:
        title: Is
        description: The right label.
        type: string
        minLength: 1
        x-check: label
        examples: [billing]
    examples: [{in: [billing, technical], is: billing}]
    """,
    with_row=_read_label,
)
def label(expected: Mapping[str, Any], answer: Answer) -> Grade:
    """The answer names the right one of these labels."""
    named = labels_in(answer.text, expected["in"])
    if not named:
        return failed("it names none of the labels")
    if len(named) > 1:
        return failed(f"it names several labels: {_some(named)}")
    given = named[0]
    if given == expected["is"]:
        return Grade(passed=True, score=1.0, label=given)
    return Grade(passed=False, score=0.0, why=f"the label is {given!r}", label=given)


def labels_in(text: str, labels: tuple[str, ...]) -> Sequence[str]:
    """The one label that the text is, or else those that it names."""
    folded = text.strip().strip(".\"'`").casefold()
    exact = [one for one in labels if one.casefold() == folded]
    if exact:
        return exact[:1]
    named = [one for one in labels if _names(text, one)]
    return [one for one in named if not any(one in other for other in named if other != one)]


def _read_fields(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if _object(value["of"]) is None:
        hint = "correct the file, or name a column that holds an object in `fields.of`"
        raise BadReference("the reference is not a JSON object", hint)
    return value


@expectation(
    """
    title: Fields
    type: object
    required: [of, keys]
    additionalProperties: false
    properties:
      of:
        title: Of
        description: The reference object, as JSON.
        type: string
        minLength: 1
        x-check: json_object
        examples: ['{"total": 12.5}']
      keys:
        title: Keys
        description: "The fields to compare, and how: equals, within a distance, or similar."
        type: object
        minProperties: 1
        additionalProperties: {$ref: "#/$defs/field_rule"}
        examples: [{total: {within: 0.01}, date: equals, vendor: {similar: 0.9}}]
    examples:
      - of: '{"total": 12.5, "date": "2026-01-02"}'
        keys: {total: {within: 0.01}, date: equals}
    """,
    with_row=_read_fields,
)
def fields(expected: Mapping[str, Any], answer: Answer) -> Grade:
    """The answer is a JSON object whose fields agree with a reference object."""
    wanted, given = _object(expected["of"]) or {}, _object(answer.text)
    scores = {
        key: _agreement(rule, key, wanted, given or {}) for key, rule in expected["keys"].items()
    }
    wrong = [key for key, score in scores.items() if not score]
    why = "it is not a JSON object" if given is None else f"wrong: {', '.join(wrong)}"
    share = sum(scores.values()) / len(scores)
    return Grade(not wrong, share, why if wrong else None, fields=scores)


def _agreement(
    rule: str | Mapping[str, float], key: str, wanted: Mapping[str, Any], given: Mapping[str, Any]
) -> float:
    """1 where the field agrees with the reference, else 0. A field that both lack agrees."""
    expected, found = _at(wanted, key), _at(given, key)
    if expected is None or found is None:
        return float(expected is found)
    if isinstance(rule, str):
        return float(_same(expected, found))
    if "within" in rule:
        numbers = _as_number(expected), _as_number(found)
        if numbers[0] is None or numbers[1] is None:
            return 0.0
        return float(_near(numbers[1], numbers[0], rule["within"]))
    return float(fuzzy_match(str(found), str(expected)) >= rule["similar"])


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    return (type(one) is type(other) and one == other) or _equal_numbers(one, other)


def _equal_numbers(one: Any, other: Any) -> bool:
    numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (one, other))
    return numeric and one == other


def _as_number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return last_number(value) if isinstance(value, str) else None


def _near(found: float, wanted: float, within: float) -> bool:
    """Within the distance; a distance of 0.01 takes 0.1 + 0.2 - 0.31 too."""
    return abs(found - wanted) <= within + 1e-9 * max(abs(found), abs(wanted), within)


def _at(value: Mapping[str, Any], key: str) -> Any:
    if key in value:
        return value[key]
    found: Any = value
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _words(text: str) -> list[str]:
    """Words in small letters; in scripts without spaces, each character."""
    spaced = _HAN.sub(lambda found: f" {found[0]} ", text.casefold())
    return _WORD.findall(spaced)


def _names(text: str, one: str) -> bool:
    """Whether the text holds the label as a word, in any case."""
    return re.search(rf"(?<!\w){re.escape(one.casefold())}(?!\w)", text.casefold()) is not None
