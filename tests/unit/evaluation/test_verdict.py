"""Verdicts over answers, and the digests that decide whether to ask again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.verdict import (
    PromptVerdict,
    judge,
    prompt_digest,
    set_digest,
    tests_digest,
)
from ftrunner.spec.testing import Asking, Assertion, Gate, Opponent, Prompt, Sample, Tests, TestSet

PROMPT = Prompt(
    name="whale",
    messages=({"role": "user", "content": "给我讲一个关于蓝鲸的故事"},),
    expect=(Assertion("starts_with", "一天"), Assertion("max_chars", 6)),
    repeat=3,
    pass_at_least=2,
)


def test_an_answer_passes_when_every_assertion_does() -> None:
    assert judge(PROMPT.expect, Answer("一天,好")).passed
    assert not judge(PROMPT.expect, Answer("一天,一只蓝鲸")).passed


@pytest.mark.parametrize("reason", ["length", "content_filter", "max_tokens"])
def test_an_answer_that_is_not_whole_does_not_pass(reason: str) -> None:
    verdict = judge(PROMPT.expect, Answer("一天,好", finish_reason=reason))

    assert not verdict.passed
    assert [check.passed for check in verdict.checks] == [False, True, True]
    assert reason in str(verdict.checks[0].why)


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "eos", None])
def test_other_ends_are_whole(reason: str | None) -> None:
    assert judge(PROMPT.expect, Answer("一天,好", finish_reason=reason)).passed


def test_a_prompt_may_say_itself_how_an_answer_ends() -> None:
    prompt = replace(PROMPT, expect=(Assertion("finish", "length"),))

    assert judge(prompt.expect, Answer("一天", finish_reason="length")).passed


def test_a_prompt_passes_when_enough_answers_do() -> None:
    good, bad = judge(PROMPT.expect, Answer("一天")), judge(PROMPT.expect, Answer("昨天"))

    assert PromptVerdict(PROMPT, (good, bad, good)).passed
    assert not PromptVerdict(PROMPT, (good, bad, bad)).passed


def test_a_prompt_without_expectations_passes() -> None:
    assert judge((), Answer("anything")).passed


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

    assert tests_digest(tests, {}) != tests_digest(replace(tests, request={"temperature": 1}), {})


SET = TestSet("tickets", "a.jsonl", (Assertion("contains", "x"),))
GATE = Gate("g", set="tickets", better_than="base")
MEASURED = Tests(sets={"tickets": SET}, gates=(GATE,), against=(Opponent("base"),))


def test_a_spec_without_sets_keeps_the_hash_that_it_had_before_there_were_any() -> None:
    before = "198baeef0f0fdf366d17235e3ab4e893ccbb211a713148adf2083b45ef8596af"

    assert tests_digest(Tests(request={"temperature": 0}), {}) == before


@pytest.mark.parametrize(
    "other",
    [
        replace(MEASURED, gates=()),
        replace(MEASURED, gates=(replace(GATE, by=0.02),)),
        replace(MEASURED, against=()),
        replace(MEASURED, undecided="pass"),
        replace(MEASURED, confidence=0.9),
        replace(MEASURED, run=Asking(unmeasured=0.5)),
        replace(MEASURED, sets={"other": SET}),
    ],
)
def test_what_decides_the_verdict_on_sets_is_in_the_hash(other: Tests) -> None:
    digests = dict.fromkeys(other.sets, "s1")

    assert tests_digest(other, digests) != tests_digest(MEASURED, {"tickets": "s1"})


def test_how_fast_rows_are_asked_is_not_in_it() -> None:
    faster = replace(MEASURED, run=Asking(concurrency=64, answers_from=1.0))

    assert tests_digest(faster, {"tickets": "s1"}) == tests_digest(MEASURED, {"tickets": "s1"})


@pytest.mark.parametrize(
    "other",
    [
        replace(SET, expect=()),
        replace(SET, columns={"user": "q"}),
        replace(SET, user="{{item.q}}"),
        replace(SET, system="Sort it."),
        replace(SET, sample=Sample(5)),
        replace(SET, cluster="customer"),
        replace(SET, weigh="cluster"),
        replace(SET, repeat=3),
    ],
)
def test_what_decides_how_a_set_is_judged_is_in_its_hash(other: TestSet) -> None:
    assert set_digest(other, "r1") != set_digest(SET, "r1")


def test_rows_decide_and_their_file_does_not() -> None:
    assert set_digest(SET, "r2") != set_digest(SET, "r1")
    assert set_digest(replace(SET, file="b.jsonl", slices=("a",)), "r1") == set_digest(SET, "r1")
