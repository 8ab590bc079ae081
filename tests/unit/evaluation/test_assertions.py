"""Each kind of assertion, met and not met; the reason is what a person reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.assertions import KINDS, check, describe
from ftrunner.spec.testing import Assertion

STORY = "一天,一只蓝鲸跃出了水面"

CASES: list[tuple[str, Any, str, str | None]] = [
    ("equals", STORY, STORY, None),
    ("equals", "billing", "billing\n", None),
    ("equals", "x", "y", "the answer is 'y'"),
    ("contains", "蓝鲸", STORY, None),
    ("contains", "小狗", STORY, "it is not there"),
    ("icontains", "BONJOUR", "bonjour!", None),
    ("icontains", "straße", "STRASSE 1", None),
    ("icontains", "hola", "bonjour", "it is not there"),
    ("starts_with", "一天", STORY, None),
    ("starts_with", "昨天", STORY, "it starts with '一天'"),
    ("ends_with", "水面", STORY, None),
    ("ends_with", "厨房", STORY, "it ends with '水面'"),
    ("matches", r"一只\w+跃", STORY, None),
    ("matches", r"\d", STORY, "it does not match"),
    ("one_of", ["yes", "no"], " yes\n", None),
    ("one_of", ["yes", "no"], "maybe", "the answer is 'maybe'"),
    ("min_chars", 12, STORY, None),
    ("min_chars", 13, STORY, "it has 12"),
    ("max_chars", 12, STORY, None),
    ("max_chars", 11, STORY, "it has 12"),
    ("is_json", True, '{"a": 1}', None),
    ("is_json", False, "no", None),
    ("is_json", False, "1", "it is JSON"),
    ("json_schema", {"required": ["a"]}, '{"a": 1}', None),
    ("json_schema", {"required": ["a"]}, "{}", '"a" is a required property'),
    (
        "json_schema",
        {"properties": {"a": {"type": "string"}}},
        '{"a": 1}',
        'a: 1 is not of type "string"',
    ),
]


@pytest.mark.parametrize(("kind", "value", "answer", "why"), CASES)
def test_an_assertion_passes_or_says_why_not(
    kind: str, value: Any, answer: str, why: str | None
) -> None:
    found = check(Assertion(kind, value), Answer(answer))

    assert (found.passed, found.why) == (why is None, why)


@pytest.mark.parametrize(("kind", "value", "answer", "why"), CASES)
def test_not_turns_every_verdict_round(kind: str, value: Any, answer: str, why: str | None) -> None:
    found = check(Assertion(kind, value, negated=True), Answer(answer))

    assert found.passed is (why is not None)


def test_an_answer_that_is_not_json_says_where() -> None:
    found = check(Assertion("is_json", value=True), Answer('{"a": '))

    assert found.why == "it is not JSON: Expecting value: line 1 column 7 (char 6)"


def test_deep_nesting_is_a_failed_answer_and_no_crash() -> None:
    assert not check(Assertion("is_json", value=True), Answer("[" * 100_000)).passed


@pytest.mark.parametrize(
    ("assertion", "text"),
    [
        (Assertion("starts_with", "一天"), "starts_with 一天"),
        (Assertion("contains", "x", negated=True), "not contains x"),
        (Assertion("is_json", value=True), "is_json"),
        (Assertion("one_of", ["a", "b"]), 'one_of ["a", "b"]'),
    ],
)
def test_an_assertion_is_described_as_it_is_written(assertion: Assertion, text: str) -> None:
    assert describe(assertion) == text


def test_every_kind_is_tested_here_or_in_compared() -> None:
    files = (Path(__file__), Path(__file__).with_name("test_compared.py"))
    tests = "".join(file.read_text(encoding="utf-8") for file in files)

    assert [kind for kind in KINDS if f'"{kind}"' not in tests] == []
