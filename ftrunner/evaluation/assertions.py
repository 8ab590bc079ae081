"""What a spec can expect of an answer: one pure function per kind, one table.

Each function takes the expected value and the answer and returns None when the expectation is
met, or the reason why it is not. The kinds are those of `schemas/spec.schema.json`; a test holds
the two together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ftrunner.findings import json_path
from ftrunner.spec.json_schema import compile_schema
from ftrunner.spec.model import Assertion

Reason = str | None
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Check:
    """One assertion held against one answer. `why` says what is wrong with the answer."""

    expected: str
    passed: bool
    why: str | None = None


def check(assertion: Assertion, answer: str) -> Check:
    """Hold `assertion` against `answer`; `not:` turns the verdict round."""
    reason = KINDS[assertion.kind](assertion.value, answer)
    if not assertion.negated:
        return Check(describe(assertion), reason is None, reason)
    return Check(describe(assertion), reason is not None, None if reason else "it does")


def describe(assertion: Assertion) -> str:
    """The assertion as the spec's author wrote it: `not starts_with 一天`."""
    value = assertion.value
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
    return None if re.search(str(expected), answer) else "no part of it matches"


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


KINDS: Mapping[str, Callable[[Any, str], Reason]] = {
    "equals": _equals,
    "contains": _contains,
    "icontains": _icontains,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "matches": _matches,
    "one_of": _one_of,
    "min_chars": _min_chars,
    "max_chars": _max_chars,
    "is_json": _is_json,
    "json_schema": _json_schema,
}
