"""One answer of a model, how it did on one expectation, and the kinds of expectations there are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, why it stopped, how long it took and how much it wrote.

    `seconds` is the time from the first request to the whole answer, tries included. What is not
    known is None.
    """

    content: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    refusal: str | None = None
    finish_reason: str | None = None
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    system_fingerprint: str | None = None

    @property
    def text(self) -> str:
        """What expectations read: the content, else the tool calls as JSON, or the refusal."""
        if not self.content and self.tool_calls:
            return json.dumps(list(self.tool_calls), ensure_ascii=False)
        return self.content or self.refusal or ""


@dataclass(frozen=True, slots=True)
class Grade:
    """Passed or not, with a score from 0 to 1 and the reason where something is missing.

    `label` is what a `label` expectation read in the answer; `fields` are the scores of the keys
    of a `fields` expectation.
    """

    passed: bool
    score: float
    why: str | None = None
    label: str | None = None
    fields: Mapping[str, float] = field(default_factory=dict)


PASSED = Grade(passed=True, score=1.0)


def failed(why: str, score: float = 0.0) -> Grade:
    """The expectation is not met."""
    return Grade(passed=False, score=score, why=why)


def met(reason: str | None) -> Grade:
    """Met where there is no reason against it."""
    return PASSED if reason is None else failed(reason)


def at_least(score: float, threshold: float) -> Grade:
    """Met where a likeness reaches the threshold; the likeness is the score either way."""
    if score >= threshold:
        return Grade(passed=True, score=score)
    return failed(f"the likeness is {score:.2f}", score)


Judge = Callable[[Any, Answer], Grade]
J = TypeVar("J", bound=Judge)


def _as_it_is(value: Any) -> Any:
    return value


class BadReference(ValueError):
    """A row's reference that no answer can meet: the message says why, `hint` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of expectation: the function that judges, and the schema of the value in a spec.

    In a test set, the value may refer to columns of a row. `quote` writes the text of a column into
    the value, and `with_row` reads the whole after that; it raises BadReference where no answer
    could meet the expectation.
    """

    judge: Judge
    schema: str
    quote: Callable[[str], str] = str
    with_row: Callable[[Any], Any] = _as_it_is


KINDS: dict[str, Kind] = {}
"""Every kind by its key in a spec; complete once `evaluation.assertions` is imported."""


def expectation(
    schema: str,
    *,
    quote: Callable[[str], str] = str,
    with_row: Callable[[Any], Any] = _as_it_is,
) -> Callable[[J], J]:
    """Make a function the kind of expectation that has its name.

    `schema` is the JSON Schema of the value in a spec, as YAML, with a title and examples; the
    function's docstring is its description. `x-check` in it names a check that `validate` makes
    of a value (`spec/expectations.py`). `python -m docs.generate` writes all of it into
    `schemas/spec.schema.json`.
    """

    def register(judge: J) -> J:
        KINDS[judge.__name__] = Kind(judge, schema, quote, with_row)
        return judge

    return register
