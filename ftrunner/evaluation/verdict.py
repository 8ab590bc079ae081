"""Answers become verdicts: an answer passes all its assertions, a prompt enough of its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from ftrunner.canonical import content_hash
from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.assertions import Check, check
from ftrunner.spec.build_tests import COMBINED
from ftrunner.spec.testing import Assertion, Gate, Opponent, Prompt, Tests, TestSet


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """One answer and how every assertion fared against it; `given` is all that came with it."""

    answer: str
    checks: tuple[Check, ...]
    given: Answer | None = None

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class PromptVerdict:
    """All answers to one prompt."""

    prompt: Prompt
    answers: tuple[AnswerVerdict, ...]

    @property
    def passes(self) -> int:
        return sum(answer.passed for answer in self.answers)

    @property
    def passed(self) -> bool:
        return self.passes >= self.prompt.pass_at_least


# Why an answer is not whole, by the provider's word for how it ended.
_ENDED_EARLY = {
    "length": "it was cut off at the most tokens an answer may have (finish_reason length)",
    "max_tokens": "it was cut off at the most tokens an answer may have (finish_reason max_tokens)",
    "content_filter": "the provider's filter left something out (finish_reason content_filter)",
}


def judge(expect: Sequence[Assertion], answer: Answer) -> AnswerVerdict:
    """Hold every expectation against `answer`.

    One that is not whole does not pass, unless the expectations say how it is to end.
    """
    checks = tuple(check(assertion, answer) for assertion in expect)
    why = _ENDED_EARLY.get(answer.finish_reason or "")
    if why is None or any(assertion.kind == "finish" for assertion in expect):
        return AnswerVerdict(answer.text, checks, answer)
    cut_off = Check("a whole answer", passed=False, why=why)
    return AnswerVerdict(answer.text, (cut_off, *checks), answer)


def prompt_digest(prompt: Prompt) -> str:
    """The hash of everything that decides the prompt's verdict; its name is not part of it."""
    return content_hash(
        {
            "messages": prompt.messages,
            "expect": [_form(assertion) for assertion in prompt.expect],
            "repeat": prompt.repeat,
            "pass_at_least": prompt.pass_at_least,
        }
    )


def _form(assertion: Assertion) -> list[Any]:
    """An expectation as its digest takes it: changing this form asks every test again."""
    value = assertion.value
    if assertion.kind in COMBINED:
        value = [_form(inner) for inner in value]
    return [assertion.kind, value, assertion.negated]


def set_digest(test_set: TestSet, rows: str) -> str:
    """The hash of everything that decides how a set's rows are asked and judged.

    `rows` is the hash of the rows. The set's name, and where its rows are kept, are not part of it.
    """
    return content_hash(
        {
            "rows": rows,
            "expect": [_form(assertion) for assertion in test_set.expect],
            "columns": test_set.columns,
            "user": test_set.user,
            "system": test_set.system,
            "sample": test_set.sample and asdict(test_set.sample),
            "cluster": test_set.cluster,
            "weigh": test_set.weigh,
            "repeat": test_set.repeat,
        }
    )


def tests_digest(tests: Tests, sets: Mapping[str, str]) -> str:
    """The hash of the tests: prompts and sets by name, what is passed through, and the gates.

    `sets` has the hash of each set. A spec without sets has the hash that it had before there were
    any.
    """
    asked = {
        "request": tests.request,
        "prompts": {prompt.name: prompt_digest(prompt) for prompt in tests.prompts},
    }
    return content_hash({**asked, **_measured(tests, sets)} if tests.sets else asked)


def _measured(tests: Tests, sets: Mapping[str, str]) -> dict[str, Any]:
    return {
        "sets": sets,
        "against": [_given(opponent) for opponent in tests.against],
        "gates": [_given(gate) for gate in tests.gates],
        "undecided": tests.undecided,
        "confidence": tests.confidence,
        "unmeasured": tests.run.unmeasured,
    }


def _given(part: Gate | Opponent) -> dict[str, Any]:
    """What differs from the defaults: a new setting with a default asks no test again."""
    values = ((one, getattr(part, one.name)) for one in fields(part))
    return {one.name: value for one, value in values if value != one.default}
