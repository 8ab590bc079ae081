"""What the model mock-judge finds to judge, and in which form it says its verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.answers.judge import UNPARSEABLE, read_case, verdict

LABELLED = [
    "Rate it.\n\nQuestion: Which sea?\nReference: The deep sea\nAnswer: The deep lake",
    "Answer: The deep lake\nExpected answer: The deep sea",
    "## Response\nThe deep lake\n\n## Ground truth\nThe deep sea\n\n## Rubric\nBe strict",
    "<answer>The deep lake</answer>\n<reference>The deep sea</reference>\nReply with a number.",
    "**Model answer:** The deep lake\n**Correct answer:** The deep sea",
    "[Submission]\nThe deep lake\n[Ideal]\nThe deep sea",
    '{"answer": "The deep lake", "reference": "The deep sea"}',
    'Is "The deep lake" as good as "The deep sea"?',
    "Compare these two.\n\nThe deep sea\n\nThe deep lake",
]
PAIR = "Which is better?\nReference: one two three\nAnswer A: one two\nAnswer B: one two three"


def asked(text: str) -> list[dict[str, Any]]:
    return [{"role": "system", "content": "You judge."}, {"role": "user", "content": text}]


def says(text: str, schema: Any = None, **habit: Any) -> str:
    wanted = {"type": "json_schema", "json_schema": {"name": "v", "schema": schema}}
    return verdict(read_case(asked(text)), wanted if schema else None, **habit)


@pytest.mark.parametrize("text", LABELLED)
def test_an_answer_and_its_reference_are_found(text: str) -> None:
    case = read_case(asked(text))

    assert {case.answers[0][1], case.reference} == {"The deep lake", "The deep sea"}
    assert 0.7 < case.scores[0] < 0.9


def test_several_lines_belong_to_one_answer() -> None:
    case = read_case(asked("Answer: one\ntwo\n\nthree\nReference: four"))

    assert (case.answers[0][1], case.reference) == ("one\ntwo\n\nthree", "four")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Answer: a b c d\nReference: a b c d", "1"),
        ("Answer: xyz\nReference: 123", "0"),
        ("Score from 1 to 5.\nAnswer: same\nReference: same", "5"),
        ("On a scale of 1-10:\nAnswer: xyz\nReference: 123", "1"),
        ("Score it from -1 to 1.\nAnswer: xyz\nReference: 123", "-1"),
        ("Between 0 and 100.\nAnswer: same\nReference: same", "100"),
        ("In 3 to 5 words.\nAnswer: same\nReference: same", "1"),
        ("Answer in JSON.\nAnswer: same\nReference: same", '{"score":1.0}'),
        (PAIR, "B"),
        (PAIR.replace("Answer", "Response").replace("A:", "1:").replace("B:", "2:"), "2"),
        (PAIR.replace("one two\n", "one two three\n"), "tie"),
        (f"{PAIR}\nReply as JSON.", '{"winner":"B"}'),
    ],
)
def test_what_is_said_in_plain_words(text: str, said: str) -> None:
    assert says(text) == said


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ({"type": "number"}, 1.0, 0.0),
        ({"type": "number", "minimum": -1, "maximum": 3}, 3.0, -1.0),
        ({"type": "integer", "minimum": 1, "maximum": 5}, 5, 1),
        ({"type": "boolean"}, True, False),
        ({"enum": ["correct", "incorrect"]}, "correct", "incorrect"),
        ({"enum": ["fail", "pass"]}, "pass", "fail"),
        ({"enum": ["yes", "no"]}, "yes", "no"),
        ({"enum": ["not_equivalent", "equivalent"]}, "equivalent", "not_equivalent"),
        ({"enum": ["1", "2", "3"]}, "3", "1"),
    ],
)
def test_a_verdict_in_the_form_asked_for(kind: Any, good: Any, bad: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"why": {"type": "string"}, "inner": {"properties": {"verdict": kind}}},
    }

    found = [
        json.loads(says(f"Reference: abcde\nAnswer: {text}", schema)) for text in ("abcde", "12")
    ]

    assert [each["inner"]["verdict"] for each in found] == [good, bad]
    assert all(each["why"] for each in found)


@pytest.mark.parametrize("options", [["A", "B", "tie"], ["answer_a", "answer_b", "equal"]])
def test_a_winner_is_one_of_the_options(options: list[str]) -> None:
    schema = {"type": "object", "properties": {"better": {"enum": options}}}

    assert json.loads(says(PAIR, schema))["better"] == options[1]
    even = PAIR.replace("one two\n", "one two three\n")
    assert json.loads(says(even, schema))["better"] == options[2]


def test_habits() -> None:
    schema = {"type": "object", "properties": {"score": {"type": "number"}}}

    assert says(PAIR, habit="prefers-first") == "A"
    assert says(LABELLED[0], habit="prefers-first") == says(LABELLED[0])
    assert says(LABELLED[0], schema, habit="unparseable") == UNPARSEABLE
    assert not any(char.isdigit() or char == "{" for char in UNPARSEABLE)


@given(
    st.text(),
    st.none()
    | st.fixed_dictionaries(
        {
            "properties": st.dictionaries(
                st.text(),
                st.fixed_dictionaries({"type": st.sampled_from(["number", "string", "array"])}),
            )
        }
    ),
)
def test_any_prompt_gets_a_verdict(text: str, schema: Any) -> None:  # fmt: skip
    said = says(text, schema)

    assert said == says(text, schema)
    assert said or schema is None
