from __future__ import annotations

from typing import Any

import pytest

from mockserver.dialects import NAMES, find_dialect
from mockserver.rules.examples import RULES, InvalidFileError, check_example, check_number

OPENAI = find_dialect("openai").data_rules
USER = {"role": "user", "content": "Hello"}
ASSISTANT = {"role": "assistant", "content": "Hello to you"}
FIND = {"name": "find", "arguments": "{}"}
CALL = {
    "role": "assistant",
    "tool_calls": [{"id": "call_1", "type": "function", "function": FIND}],
}
CHAT = {"messages": [USER, ASSISTANT]}
PREFERENCE = {
    "input": {"messages": [USER]},
    "preferred_output": [ASSISTANT],
    "non_preferred_output": [{"role": "assistant", "content": "What?"}],
}


@pytest.mark.parametrize(
    ("example", "method"),
    [
        (CHAT, "supervised"),
        ({"messages": [USER, {**ASSISTANT, "weight": 0}, USER, ASSISTANT]}, "supervised"),
        ({"messages": [USER, CALL], "tools": [], "parallel_tool_calls": True}, "supervised"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "?"}]}, ASSISTANT]},
            "supervised",
        ),
        (PREFERENCE, "dpo"),
        ({"messages": [USER], "answer": "42", "tools": []}, "reinforcement"),
    ],
)
def test_good_examples_pass(example: Any, method: Any) -> None:
    check_example(example, 1, method, "training_file", OPENAI)


@pytest.mark.parametrize(
    ("example", "method", "fault"),
    [
        ([], "supervised", "Example 7 is not a JSON object."),
        ({}, "supervised", 'Example 7 is missing key "messages".'),
        (PREFERENCE, "supervised", 'Example 7 is missing key "messages".'),
        (CHAT, "dpo", 'Example 7 is missing key "input".'),
        ({**CHAT, "weight": 1}, "supervised", 'Example 7 contains an extra key "weight".'),
        ({"messages": []}, "supervised", 'key "messages" must be a non-empty list.'),
        (
            {"messages": [USER, ASSISTANT, {"content": "x"}]},
            "supervised",
            "Example 7, message 2 Discriminator 'role' is missing.",
        ),
        ({"messages": [{"role": "bot"}]}, "supervised", "message 0 Input tag 'bot' found using"),
        ({"messages": [{**USER, "x": 1}]}, "supervised", 'contains an extra key "x".'),
        ({"messages": [{"role": "user"}]}, "supervised", 'is missing key "content".'),
        ({"messages": [{"role": "user", "content": 5}]}, "supervised", "content must be a string"),
        ({"messages": [{**USER, "weight": 1}]}, "supervised", "only assistant messages can have"),
        ({"messages": [{**ASSISTANT, "weight": 2}]}, "supervised", "weight must be 0 or 1."),
        ({"messages": [USER]}, "supervised", "at least one message from the assistant."),
        ({"messages": [ASSISTANT, USER]}, "supervised", "last message must be from the assistant."),
        (
            {"messages": [{**USER, "content": "a <|fim_suffix|> b"}, ASSISTANT]},
            "supervised",
            "Example 7 message contains an invalid token: <|fim_suffix|>",
        ),
        ({"messages": [USER, {**CALL, "tool_calls": [5]}]}, "supervised", "a list of tool calls."),
        ({"messages": [USER, {**CALL, "tool_calls": 5}]}, "supervised", "a list of tool calls."),
        (
            {"messages": [USER, {**CALL, "tool_calls": [{"function": "x"}]}]},
            "supervised",
            "tool_calls must hold functions",
        ),
        ({**PREFERENCE, "input": {}}, "dpo", 'key "input" is missing key "messages".'),
        ({**PREFERENCE, "preferred_output": []}, "dpo", "must hold exactly one message."),
        ({**PREFERENCE, "preferred_output": [USER]}, "dpo", "must be from the assistant."),
    ],
)
def test_the_first_fault_is_named(example: Any, method: Any, fault: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        check_example(example, 7, method, "training_file", OPENAI)

    assert caught.value.code == "invalid_training_file"
    assert fault in str(caught.value)
    assert str(caught.value).startswith("The job failed due to an invalid training file.")


def test_a_validation_file_is_called_one() -> None:
    with pytest.raises(InvalidFileError, match="invalid validation file") as caught:
        check_example({}, 1, "supervised", "validation_file", OPENAI)

    assert caught.value.code == "invalid_validation_file"


def test_ten_examples_are_enough() -> None:
    check_number(10, OPENAI)
    with pytest.raises(InvalidFileError, match=r"Training file has 9 example\(s\)"):
        check_number(9, OPENAI)


def test_every_rule_names_its_source() -> None:
    assert all(rule.source and rule.kinds for rule in RULES)


PLAIN = {"prompt": "Hello", "completion": "Hello to you"}
ANSWERED = [
    CALL,
    {"role": "tool", "tool_call_id": "call_1", "content": "12"},
    ASSISTANT,
]


@pytest.mark.parametrize(
    ("provider", "example", "method"),
    [
        ("nebius", PLAIN, "supervised"),
        ("together", {"text": "Once upon a time"}, "supervised"),
        ("together", {"messages": [{**USER, "weight": 0}, ASSISTANT]}, "supervised"),
        ("nebius", {"messages": [{**USER, "content": "<|im_end|>"}, ASSISTANT]}, "supervised"),
        ("azure", {**PREFERENCE, "preferred_output": ANSWERED}, "dpo"),
    ],
)
def test_what_a_provider_takes_and_openai_refuses(provider: str, example: Any, method: Any) -> None:
    check_example(example, 1, method, "training_file", find_dialect(provider).data_rules)
    with pytest.raises(InvalidFileError):
        check_example(example, 1, method, "training_file", OPENAI)


@pytest.mark.parametrize(
    ("provider", "example", "method", "fault"),
    [
        ("together", {"prompt": "Hello"}, "supervised", "messages, prompt and completion, text."),
        ("together", {**PLAIN, "prompt": 5}, "supervised", 'key "prompt" must be a string.'),
        ("llmariner", PLAIN, "supervised", 'is missing key "messages".'),
        ("azure", {**PREFERENCE, "preferred_output": ANSWERED[1:2]}, "dpo", "from the assistant."),
        ("together", {**PREFERENCE, "preferred_output": ANSWERED}, "dpo", "exactly one message."),
    ],
)
def test_what_a_provider_refuses(provider: str, example: Any, method: Any, fault: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        check_example(example, 7, method, "training_file", find_dialect(provider).data_rules)

    assert fault in str(caught.value)


@pytest.mark.parametrize("dialect", NAMES)
def test_every_dialect_has_rules_with_a_source(dialect: str) -> None:
    rules = find_dialect(dialect).data_rules
    assert rules.source
    assert rules.min_examples == (10 if dialect in ("openai", "azure") else 1)
