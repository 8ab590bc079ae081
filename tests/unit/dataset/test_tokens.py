from __future__ import annotations

import json
from typing import Any

import pytest

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.cost import tokens
from ftrunner.dataset.cost.tokens import TokenCounter, load_counter
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.conversation import Example

# What tiktoken 0.12 counts, special tokens taken as ordinary text.
KNOWN = [
    ("hello world", 2, 2),
    ("", 0, 0),
    ("tiktoken is great!", 6, 6),
]


@pytest.fixture(scope="module")
def o200k() -> TokenCounter:
    return load_counter("o200k_base")


@pytest.fixture(scope="module")
def cl100k() -> TokenCounter:
    return load_counter("cl100k_base")


@pytest.mark.parametrize(("text", "old", "new"), KNOWN)
def test_counts_are_those_of_tiktoken(
    o200k: TokenCounter, cl100k: TokenCounter, text: str, old: int, new: int
) -> None:
    assert cl100k.text(text) == old
    assert o200k.text(text) == new


def test_a_package_without_that_extension_counts_alike(
    o200k: TokenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_EXTENSION", "bpe_openai.gone")
    other = load_counter("o200k_base")

    assert [other.text(text) for text, *_ in KNOWN] == [o200k.text(text) for text, *_ in KNOWN]


def test_openais_published_example_is_counted_as_published(cl100k: TokenCounter) -> None:
    """The messages of How_to_count_tokens_with_tiktoken.ipynb: 129 tokens for gpt-4-0613.

    Three of them start the reply of a chat; a training example has one in their place.
    """
    messages = [
        {
            "role": "system",
            "content": "You are a helpful, pattern-following assistant that translates corporate "
            "jargon into plain English.",
        },
        *(
            {"role": "system", "name": name, "content": content}
            for name, content in [
                ("example_user", "New synergies will help drive top-line growth."),
                ("example_assistant", "Things working well together will increase revenue."),
                (
                    "example_user",
                    "Let's circle back when we have more bandwidth to touch base on opportunities "
                    "for increased leverage.",
                ),
                (
                    "example_assistant",
                    "Let's talk later when we're less busy about how to do better.",
                ),
            ]
        ),
        {
            "role": "user",
            "content": "This late pivot means we don't have time to boil the ocean for the client "
            "deliverable.",
        },
    ]

    assert cl100k.example(Example({"messages": messages}, Format.CHAT)) == 129 - 3 + 1


def test_special_tokens_are_ordinary_text(o200k: TokenCounter) -> None:
    assert o200k.text("<|endoftext|>") > 1


def test_text_beyond_what_the_tokenizer_takes_is_counted_in_pieces(o200k: TokenCounter) -> None:
    assert o200k.text("whale " * 400_000) >= 400_000


def test_a_text_that_comes_again_is_counted_once_however_long_it_is() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return len(text)

    counter = TokenCounter("", count)
    long = "Be brief. " * 10_000

    assert [counter.text(text) for text in (long, "Hi", long, "")] == [len(long), 2, len(long), 0]
    assert counter.string(json.dumps(long).encode()) == len(long)
    assert counted == [long, "Hi"]


def test_a_text_is_not_taken_for_another_that_is_escaped_as_it_is_spelled() -> None:
    counter = TokenCounter("", len)

    assert [counter.text(text) for text in ("\n", r"\n", '"', r"\"")] == [1, 2, 1, 2]
    assert counter.string(b'"\\u0061"') == 1


def test_counts_of_more_texts_than_are_kept_are_right() -> None:
    counter = TokenCounter("", len)
    texts = [f"text {number}" for number in range(25_000)]

    assert [counter.text(text) for text in texts + texts] == list(map(len, texts + texts))


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": '蓝鲸 🐳\n"x"'}],
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes."},
        ],
    ],
)
def test_both_paths_count_alike(o200k: TokenCounter, messages: list[dict[str, Any]]) -> None:
    line = {"messages": messages}
    checker = Checker(Settings(Format.CHAT))
    for ensure_ascii in (True, False):
        row = json.dumps(line, ensure_ascii=ensure_ascii).encode()
        [accepted] = checker.accepted(row + b"\n", [row])
        assert accepted is not None
        assert accepted.tokens(o200k) == o200k.example(Example(line, Format.CHAT))


def test_tools_calls_names_and_images_count(o200k: TokenCounter) -> None:
    plain: dict[str, Any] = {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
    }
    richer = [
        {**plain, "tools": [{"type": "function", "function": {"name": "f"}}]},
        {"messages": [{**plain["messages"][0], "name": "ann"}]},
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "a"},
                        {"type": "image_url", "image_url": {"url": "https://x"}},
                    ],
                }
            ]
        },
        {
            "messages": [
                *plain["messages"],
                {
                    "role": "assistant",
                    "tool_calls": [
                        {
                            "id": "c",
                            "type": "function",
                            "function": {"name": "f", "arguments": "{}"},
                        }
                    ],
                },
            ]
        },
    ]
    base = o200k.example(Example(plain, Format.CHAT))

    assert all(o200k.example(Example(line, Format.CHAT)) > base for line in richer)
