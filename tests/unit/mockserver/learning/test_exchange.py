"""Reading training lines of every accepted form."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.learning.exchange import exchanges_in, prompt_of, text_of

USER = {"role": "user", "content": "Hi"}
REPLY = {"role": "assistant", "content": "Hello"}


def completions(example: dict[str, Any]) -> list[Any]:
    return [exchange.completion["content"] for exchange in exchanges_in(example)]


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ({"messages": [USER, REPLY]}, ["Hello"]),
        ({"messages": [USER, REPLY, USER, {**REPLY, "content": "Again"}]}, ["Hello", "Again"]),
        ({"messages": [USER, {**REPLY, "weight": 0}, USER, {**REPLY, "weight": 1}]}, ["Hello"]),
        ({"input": {"messages": [USER, {**REPLY, "content": "old"}, USER]},
          "preferred_output": [REPLY],
          "non_preferred_output": [{**REPLY, "content": "No"}]}, ["Hello"]),
        ({"messages": [USER], "reference_answer": "Hello"}, []),
        ({"messages": [USER, {"role": "assistant", "content": [
            {"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]}]}, ["Hel lo"]),
        ({"messages": "odd"}, []),
        ({"messages": ["odd", 3, None, REPLY]}, ["Hello"]),
        ({"input": {}, "preferred_output": {}}, []),
    ],
)  # fmt: skip
def test_completions_of_a_line(example: dict[str, Any], expected: list[str]) -> None:
    assert completions(example) == expected


def test_a_completion_is_an_answer_without_training_marks() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    line = {
        "messages": [
            USER,
            {"role": "assistant", "tool_calls": [call], "weight": 1, "name": "bot"},
        ]
    }

    (exchange,) = exchanges_in(line)

    assert exchange.completion == {"role": "assistant", "content": None, "tool_calls": [call]}


def test_a_prompt_splits_at_the_last_user_turn() -> None:
    system = {"role": "system", "content": "Be brief"}
    tool = {"role": "tool", "tool_call_id": "call_1", "content": "18 C"}

    prompt = prompt_of([system, USER, REPLY, {"role": "user", "content": "Weather?"}, tool])

    assert prompt.turn.startswith("Weather?")
    assert prompt.turn.endswith("18 C")
    assert [text in prompt.context for text in ("Be brief", "Hi", "Hello", "18 C")] == [
        True,
        True,
        True,
        False,
    ]


def test_developer_and_system_messages_are_the_same_to_a_model() -> None:
    said = [{"role": role, "content": "Be brief"} for role in ("developer", "system")]

    assert prompt_of([said[0], USER]) == prompt_of([said[1], USER])


def test_images_differ_without_being_kept() -> None:
    def picture(data: str) -> dict[str, Any]:
        return {"content": [{"type": "image_url", "image_url": {"url": f"data:{data}"}}]}

    assert text_of(picture("a" * 9_000)) != text_of(picture("b" * 9_000))
    assert len(text_of(picture("a" * 9_000))) < 50
