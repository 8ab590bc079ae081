"""Verdicts over answers, and the digests that decide whether to ask again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.verdict import PromptVerdict, judge, prompt_digest, tests_digest
from ftrunner.spec.testing import Assertion, Prompt, Tests

PROMPT = Prompt(
    name="whale",
    messages=({"role": "user", "content": "给我讲一个关于蓝鲸的故事"},),
    expect=(Assertion("starts_with", "一天"), Assertion("max_chars", 6)),
    repeat=3,
    pass_at_least=2,
)


def test_an_answer_passes_when_every_assertion_does() -> None:
    assert judge(PROMPT, Answer("一天,好")).passed
    assert not judge(PROMPT, Answer("一天,一只蓝鲸")).passed


@pytest.mark.parametrize("reason", ["length", "content_filter", "max_tokens"])
def test_an_answer_that_is_not_whole_does_not_pass(reason: str) -> None:
    verdict = judge(PROMPT, Answer("一天,好", finish_reason=reason))

    assert not verdict.passed
    assert [check.passed for check in verdict.checks] == [False, True, True]
    assert reason in str(verdict.checks[0].why)


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "eos", None])
def test_other_ends_are_whole(reason: str | None) -> None:
    assert judge(PROMPT, Answer("一天,好", finish_reason=reason)).passed


def test_a_prompt_may_say_itself_how_an_answer_ends() -> None:
    prompt = replace(PROMPT, expect=(Assertion("finish", "length"),))

    assert judge(prompt, Answer("一天", finish_reason="length")).passed


def test_a_prompt_passes_when_enough_answers_do() -> None:
    good, bad = judge(PROMPT, Answer("一天")), judge(PROMPT, Answer("昨天"))

    assert PromptVerdict(PROMPT, (good, bad, good)).passed
    assert not PromptVerdict(PROMPT, (good, bad, bad)).passed


def test_a_prompt_without_expectations_passes() -> None:
    assert judge(replace(PROMPT, expect=()), Answer("anything")).passed


def test_the_digest_covers_what_decides_the_verdict_and_not_the_name() -> None:
    same = prompt_digest(replace(PROMPT, name="other"))
    changed = [
        replace(PROMPT, expect=PROMPT.expect[:1]),
        replace(PROMPT, repeat=4),
        replace(PROMPT, pass_at_least=1),
        replace(PROMPT, messages=()),
    ]

    assert same == prompt_digest(PROMPT)
    assert len({prompt_digest(prompt) for prompt in [PROMPT, *changed]}) == 5


def test_the_tests_digest_covers_the_request() -> None:
    tests = Tests((PROMPT,), {"temperature": 0})

    assert tests_digest(tests) != tests_digest(replace(tests, request={"temperature": 1}))
