"""Expectations that compare with a reference, and those about what an answer does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.assertions import check
from ftrunner.evaluation.compared import fuzzy_match, last_number, rouge_l
from ftrunner.spec.testing import Assertion

LABELS = ("billing", "technical", "account", "account closed")
INVOICE = '{"total": 12.5, "date": "2026-01-02", "vendor": "Müller GmbH", "paid": true}'
KEYS = {"total": {"within": 0.01}, "date": "equals", "vendor": {"similar": 0.9}}
CALL = {"function": {"name": "find", "arguments": '{"id": 42, "all": true}'}}
OTHER = {"function": {"name": "send", "arguments": "{}"}}


def judged(kind: str, value: Any, answer: Answer | str) -> tuple[bool, str | None]:
    found = check(Assertion(kind, value), Answer(answer) if isinstance(answer, str) else answer)
    return found.passed, found.why


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It is 42.", 42),
        ("12 of 1,234.5", 1234.5),
        ("−3", -3),
        ("1 234 567", 1234567),
        ("1'000", 1000),
        ("6.02e23 atoms", 6.02e23),
        (".5", 0.5),
        ("from 1, 2 and 3", 3),
        ("version 1.2.3", 0.3),
        ("none", None),
        ("", None),
    ],
)
def test_the_last_number_of_a_text(text: str, number: float | None) -> None:
    assert last_number(text) == number


@pytest.mark.parametrize(
    ("value", "answer", "why"),
    [
        ({"is": 42}, "The answer is 42.", None),
        ({"is": 1000, "within": 5}, "about 1004", None),
        ({"is": 42}, "41", "the last number is 41"),
        ({"is": 0.3, "within": 0}, "0.30", None),
        ({"is": 42}, "forty-two", "it holds no number"),
    ],
)
def test_number(value: Any, answer: str, why: str | None) -> None:
    assert judged("number", value, answer) == (why is None, why)


@pytest.mark.parametrize(
    ("answer", "label", "why"),
    [
        ("billing", "billing", None),
        (" Billing.\n", "billing", None),
        ("The category is technical, I think.", "technical", "the label is 'technical'"),
        ("account closed", "account closed", "the label is 'account closed'"),
        ("It is about account closed.", "account closed", "the label is 'account closed'"),
        ("technical or billing", None, "it names several labels: billing, technical"),
        ("accounting", None, "it names none of the labels"),
        ("", None, "it names none of the labels"),
    ],
)
def test_the_label_that_an_answer_names(answer: str, label: str | None, why: str | None) -> None:
    found = check(Assertion("label", {"in": LABELS, "is": "billing"}), Answer(answer))

    assert (found.label, found.why) == (label, why)
    assert found.passed == (label == "billing")


@pytest.mark.parametrize(
    ("answer", "passed", "fields"),
    [
        (INVOICE, True, {"total": 1, "date": 1, "vendor": 1}),
        (
            '{"vendor": "Muller GmbH", "date": "2026-01-02", "total": "12.51"}',
            True,
            {"total": 1, "date": 1, "vendor": 1},
        ),
        ('{"total": 13, "date": "2026-01-02"}', False, {"total": 0, "date": 1, "vendor": 0}),
        ("no JSON", False, {"total": 0, "date": 0, "vendor": 0}),
    ],
)
def test_fields_are_compared_one_by_one(
    answer: str, passed: bool, fields: dict[str, float]
) -> None:
    found = check(Assertion("fields", {"of": INVOICE, "keys": KEYS}), Answer(answer))

    assert (found.passed, dict(found.fields)) == (passed, fields)
    assert found.score == pytest.approx(sum(fields.values()) / 3)


def test_a_truth_value_is_not_a_number() -> None:
    value = {"of": '{"paid": 1}', "keys": {"paid": "equals"}}

    assert judged("fields", value, '{"paid": true}') == (False, "wrong: paid")


@pytest.mark.parametrize(
    ("value", "calls", "why"),
    [
        ({"are": [{"name": "find", "arguments": {"id": 42}}]}, (CALL,), None),
        ({"are": [{"name": "find", "arguments": {"id": "42"}}]}, (CALL,), None),
        ({"are": [{"name": "find"}]}, (CALL, OTHER), "it makes 2 calls, not 1"),
        ({"are": [{"name": "send"}, {"name": "find"}]}, (CALL, OTHER), None),
        ({"any_order": [{"name": "send"}, {"name": "find"}]}, (CALL, OTHER), None),
        ({"any_order": [{"name": "send"}]}, (CALL, OTHER), "it also calls find"),
        ({"include": [{"name": "send"}]}, (CALL, OTHER), None),
        ({"include": [{"name": "drop"}]}, (CALL,), "it does not call drop"),
        ({"are": []}, (), None),
    ],
)
def test_tool_calls(value: Any, calls: Any, why: str | None) -> None:
    passed, found = judged("tool_calls", value, Answer(tool_calls=calls))

    if value == {"are": [{"name": "send"}, {"name": "find"}]}:
        assert found == 'it calls find with {"id": 42, "all": true}'
    else:
        assert (passed, found) == (why is None, why)


@pytest.mark.parametrize(
    ("kind", "value", "answer", "passed"),
    [
        ("refuses", True, Answer(refusal="No."), True),
        ("refuses", True, Answer("I’m sorry, but I can't help with that."), True),
        ("refuses", True, Answer("抱歉，我不能回答。"), True),
        ("refuses", True, Answer("Here is how."), False),
        ("refuses", False, Answer("Here is how."), True),
        ("refuses", False, Answer(refusal="No."), False),
        ("finish", "stop", Answer("a", finish_reason="stop"), True),
        ("finish", "stop", Answer("a", finish_reason="length"), False),
        ("finish", "stop", Answer("a"), False),
        ("max_seconds", 2.0, Answer("a", seconds=1.9), True),
        ("max_seconds", 2.0, Answer("a", seconds=2.1), False),
        ("max_seconds", 2.0, Answer("a"), False),
        ("max_tokens", 5, Answer("a", tokens_out=5), True),
        ("max_tokens", 5, Answer("a", tokens_out=6), False),
        ("max_tokens", 5, Answer("a"), False),
    ],
)
def test_what_an_answer_does(kind: str, value: Any, answer: Answer, passed: bool) -> None:
    found = check(Assertion(kind, value), answer)

    assert found.passed is passed
    assert (found.why is None) is passed


def test_combined_expectations() -> None:
    both = (Assertion("contains", "a"), Assertion("similar", {"to": "ab", "at_least": 0.9}))

    assert judged("all_of", both, "ab") == (True, None)
    assert judged("all_of", both, "a") == (False, "the likeness is 0.67")
    assert judged("any_of", both, "a") == (True, None)
    assert judged("any_of", both, "xyz") == (False, "none of them holds")


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("the cat sat", "the cat sat", 1.0),
        ("The cat", "the dog sat", 2 / 5),
        ("蓝鲸睡觉", "蓝鲸吃饭", 1 / 2),
        ("", "", 1.0),
        ("", "a", 0.0),
    ],
)
def test_rouge_l(one: str, other: str, score: float) -> None:
    assert rouge_l(one, other) == pytest.approx(score)


@given(st.text(), st.text())
def test_likeness_is_from_0_to_1_and_the_same_both_ways(one: str, other: str) -> None:
    for measure in (fuzzy_match, rouge_l):
        assert 0 <= measure(one, other) <= 1
        assert measure(one, other) == pytest.approx(measure(other, one))
        assert measure(one, one) == 1


@given(st.text())
def test_any_text_has_a_last_number_or_none(text: str) -> None:
    found = last_number(text)

    assert found is None or any(character.isdigit() for character in text)
