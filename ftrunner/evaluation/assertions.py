"""What a spec can expect of an answer: one pure function per kind, one table.

The kinds are those of `schemas/spec.schema.json`; a test holds the two together. Functions about
the text alone return None when the expectation is met, or the reason why it is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ftrunner.evaluation import behaviour, compared
from ftrunner.evaluation.answer import Answer, Outcome, failed, met
from ftrunner.findings import json_path
from ftrunner.spec.build_tests import COMBINED
from ftrunner.spec.expectations import compile_schema
from ftrunner.spec.testing import Assertion

Reason = str | None
Kind = Callable[[Any, Answer], Outcome]
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


def outcome(assertion: Assertion, answer: Answer) -> Outcome:
    """How `answer` does on `assertion`, with a score from 0 to 1."""
    found = KINDS[assertion.kind](assertion.value, answer)
    if not assertion.negated:
        return found
    why = "it does" if found.passed else None
    return Outcome(not found.passed, 1 - found.score, why, found.label, found.fields)


def _all_of(expected: tuple[Assertion, ...], answer: Answer) -> Outcome:
    found = [outcome(inner, answer) for inner in expected]
    return Outcome(
        passed=all(one.passed for one in found),
        score=min(one.score for one in found),
        why=next((one.why for one in found if not one.passed), None),
        label=next((one.label for one in found if one.label is not None), None),
        fields={key: score for one in found for key, score in one.fields.items()},
    )


def _any_of(expected: tuple[Assertion, ...], answer: Answer) -> Outcome:
    found = [outcome(inner, answer) for inner in expected]
    if any(one.passed for one in found):
        return Outcome(passed=True, score=max(one.score for one in found))
    return failed("none of them holds", max(one.score for one in found))


def describe(assertion: Assertion) -> str:
    """The assertion as the spec's author wrote it: `not starts_with 一天`."""
    value = assertion.value
    if assertion.kind in COMBINED:
        value = [describe(inner) for inner in value]
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    kind = f"not {assertion.kind}" if assertion.negated else assertion.kind
    return kind if value is True else f"{kind} {_short(shown)}"


def _equals(expected: Any, answer: str) -> Reason:
    same = answer.strip() == str(expected).strip()
    return None if same else f"the answer is {_short(answer)!r}"


def _contains(expected: Any, answer: str) -> Reason:
    return None if str(expected) in answer else "it is not there"


def _icontains(expected: Any, answer: str) -> Reason:
    return None if str(expected).casefold() in answer.casefold() else "it is not there"


def _starts_with(expected: Any, answer: str) -> Reason:
    text = str(expected)
    return None if answer.startswith(text) else f"it starts with {answer[: len(text)]!r}"


def _ends_with(expected: Any, answer: str) -> Reason:
    text = str(expected)
    return None if answer.endswith(text) else f"it ends with {answer[-len(text) :]!r}"


def _matches(expected: Any, answer: str) -> Reason:
    return None if re.search(str(expected), answer) else "it does not match"


def _one_of(expected: Any, answer: str) -> Reason:
    choices = [str(choice) for choice in expected]
    return None if answer.strip() in choices else f"the answer is {_short(answer)!r}"


def _min_chars(expected: Any, answer: str) -> Reason:
    return None if len(answer) >= expected else f"it has {len(answer)}"


def _max_chars(expected: Any, answer: str) -> Reason:
    return None if len(answer) <= expected else f"it has {len(answer)}"


def _is_json(expected: Any, answer: str) -> Reason:
    _, fault = _parsed(answer)
    if expected:
        return fault
    return None if fault else "it is JSON"


def _json_schema(expected: Any, answer: str) -> Reason:
    value, fault = _parsed(answer)
    if fault:
        return fault
    error = next(compile_schema(expected).iter_errors(value), None)
    if error is None:
        return None
    place = json_path(error.instance_path)
    return f"{place}: {error.message}" if place else error.message


def _parsed(answer: str) -> tuple[Any, Reason]:
    try:
        return json.loads(answer), None
    except (ValueError, RecursionError) as error:
        return None, f"it is not JSON: {error}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _of_text(judge: Callable[[Any, str], Reason]) -> Kind:
    return lambda expected, answer: met(judge(expected, answer.text))


KINDS: Mapping[str, Kind] = {
    "equals": _of_text(_equals),
    "contains": _of_text(_contains),
    "icontains": _of_text(_icontains),
    "starts_with": _of_text(_starts_with),
    "ends_with": _of_text(_ends_with),
    "matches": _of_text(_matches),
    "one_of": _of_text(_one_of),
    "min_chars": _of_text(_min_chars),
    "max_chars": _of_text(_max_chars),
    "is_json": _of_text(_is_json),
    "json_schema": _of_text(_json_schema),
    "similar": compared.similar,
    "number": compared.number,
    "label": compared.label,
    "fields": compared.fields,
    "tool_calls": behaviour.tool_calls,
    "refuses": behaviour.refuses,
    "finish": behaviour.finish,
    "max_seconds": behaviour.max_seconds,
    "max_tokens": behaviour.max_tokens,
    "all_of": _all_of,
    "any_of": _any_of,
}
