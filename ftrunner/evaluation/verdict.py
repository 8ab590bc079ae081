"""Answers become verdicts: an answer passes all its assertions, a prompt enough of its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ftrunner.canonical import content_hash
from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.assertions import Check, check
from ftrunner.spec.build_tests import COMBINED
from ftrunner.spec.testing import Assertion, Prompt, Tests


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


def judge(prompt: Prompt, answer: Answer) -> AnswerVerdict:
    """Hold every assertion of `prompt` against `answer`.

    One that is not whole does not pass, unless the prompt says itself how it is to end.
    """
    checks = tuple(check(assertion, answer) for assertion in prompt.expect)
    why = _ENDED_EARLY.get(answer.finish_reason or "")
    if why is None or any(assertion.kind == "finish" for assertion in prompt.expect):
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


def tests_digest(tests: Tests) -> str:
    """The hash of the tests: prompts by name, and what is passed through with them."""
    return content_hash(
        {
            "request": tests.request,
            "prompts": {prompt.name: prompt_digest(prompt) for prompt in tests.prompts},
        }
    )
