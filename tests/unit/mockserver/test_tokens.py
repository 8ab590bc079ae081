from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.data import tokens as tokens_module
from mockserver.data.tokens import (
    MAX_EXAMPLE_TOKENS,
    MAX_PIECE,
    PER_EXAMPLE,
    ApproximateEncoding,
    Tokenizer,
    encoding_name,
)


class Letters:
    """An encoding in which every letter is a token."""

    def encode_ordinary(self, text: str) -> list[int]:
        assert len(text) <= MAX_PIECE
        return [ord(letter) for letter in text]

    def decode(self, tokens: list[int]) -> str:
        return "".join(map(chr, tokens))


@pytest.fixture
def loaded() -> list[str]:
    return []


@pytest.fixture
def tokens(loaded: list[str]) -> Tokenizer:
    def load(name: str) -> Letters:
        loaded.append(name)
        return Letters()

    return Tokenizer(load)


def test_a_vocabulary_is_loaded_when_first_needed_and_once(
    tokens: Tokenizer, loaded: list[str]
) -> None:
    assert loaded == []
    tokens.text("a", "gpt-4o")
    tokens.text("b", "gpt-4o-mini")
    tokens.text("c", "gpt-3.5-turbo-0613")

    assert loaded == ["o200k_base", "cl100k_base"]


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-3.5-turbo-0613", "cl100k_base"),
        ("ft:gpt-3.5-turbo-0613:personal::abcd", "cl100k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("gpt-4o-mini", "o200k_base"),
        ("gpt-4.1-2025-04-14", "o200k_base"),
    ],
)
def test_which_vocabulary_a_model_reads(model: str, name: str) -> None:
    assert encoding_name(model) == name


def test_a_recorded_job_trained_as_many_tokens(tokens: Tokenizer) -> None:
    """5,070 tokens: ten epochs of 10 examples, 30 messages and 377 tokens of text."""
    texts = iter(["x" * 12] * 29 + ["x" * 29])
    examples = [
        {
            "messages": [
                {"role": role, "content": next(texts)} for role in ("system", "user", "user")
            ]
        }
        for _ in range(10)
    ]

    assert 10 * sum(tokens.example(example, "gpt-4o") for example in examples) == 5_070


def test_messages_have_overheads(tokens: Tokenizer) -> None:
    messages = [{"role": "user", "content": "abcd"}, {"role": "user", "content": "x", "name": "me"}]

    assert tokens.messages(messages, "gpt-4o") == 3 + (3 + 1 + 4) + (3 + 1 + 1 + 2 + 1)


def test_tools_and_calls_are_counted(tokens: Tokenizer) -> None:
    message = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}

    plain = tokens.example({"messages": [message]}, "gpt-4o")
    assert plain == 1 + 3 + 1 + len('[{"id":"1"}]')
    assert tokens.example({"messages": [message], "tools": [1]}, "gpt-4o") == plain + len("[1]")


def test_preferences_are_counted_whole(tokens: Tokenizer) -> None:
    said = {"role": "assistant", "content": "ab"}
    example = {
        "input": {"messages": [{"role": "user", "content": "a"}]},
        "preferred_output": [said],
        "non_preferred_output": [said],
    }

    assert tokens.example(example, "gpt-4o") == 1 + 5 + 6 + 6


@pytest.mark.parametrize(
    "odd", [{"input": "text"}, {"messages": 3}, {"messages": ["a", None]}, {"preferred_output": {}}]
)
def test_keys_that_hold_no_messages_count_for_nothing(
    tokens: Tokenizer, odd: dict[str, object]
) -> None:
    assert tokens.example(odd, "gpt-4o") == PER_EXAMPLE


def test_long_examples_are_billed_to_the_limit(tokens: Tokenizer) -> None:
    long = {"messages": [{"role": "user", "content": "a" * (MAX_PIECE + 5)}]}

    assert tokens.example(long, "gpt-4o") == MAX_EXAMPLE_TOKENS
    assert tokens.text("a" * (3 * MAX_PIECE + 5), "gpt-4o") == 3 * MAX_PIECE + 5


def test_cutting(tokens: Tokenizer) -> None:
    assert tokens.cut("abcdef", "gpt-4o", 4) == ("abcd", 4, True)
    assert tokens.cut("abc", "gpt-4o", 4) == ("abc", 3, False)


def test_the_real_vocabularies_count_as_published() -> None:
    real = Tokenizer()

    assert real.text("tiktoken is great!", "gpt-3.5-turbo") == 6
    assert real.text("<|endoftext|>", "gpt-4o") > 1


ROOT = Path(__file__).parents[3]
SENTENCES = {
    "English": "Last night we walked along the river and talked about books worth reading.",
    "German": "Die Vorrichtung, mit der wir die großen Kisten transportiert haben, ist beschädigt.",
    "French": "Hier soir, nous avons parlé des livres qu'il faudrait lire cet été.",
    "Russian": "Вчера вечером мы гуляли по набережной и обсуждали, какие книги стоит прочитать.",
    "Chinese": "昨天晚上我们沿着河边散步，讨论了今年夏天应该读哪些书。",
    "Japanese": "昨日の夕方、私たちは川沿いを散歩しながら、この夏に読むべき本について話しました。",
    "Korean": "어제 저녁 우리는 강변을 산책하면서 이번 여름에 읽을 책에 대해 이야기했습니다.",
    "Arabic": "في مساء أمس تمشينا على طول النهر وتحدثنا عن الكتب التي يجب قراءتها هذا الصيف.",
    "Hindi": "कल शाम हम नदी के किनारे टहलते हुए किताबों के बारे में बात कर रहे थे।",
    "Thai": "เมื่อวานตอนเย็นเราเดินเล่นริมแม่น้ำและพูดคุยเกี่ยวกับหนังสือที่ควรอ่าน",
}
FILES = ("specs/data/captain.jsonl", "mockserver/http/gate.py", "docs/data.md")


@pytest.fixture(scope="module")
def real() -> Tokenizer:
    return Tokenizer()


def test_a_character_that_a_cut_divides_is_lost(real: Tokenizer) -> None:
    whale = "a🐋"
    tokens = real.text(whale, "gpt-4o")

    assert tokens > real.text("a", "gpt-4o") + 1, "the character is one token: take another"
    assert real.cut(whale, "gpt-4o", tokens) == (whale, tokens, False)
    assert real.cut(whale, "gpt-4o", tokens - 1) == ("a\ufffd", tokens - 1, True)
    assert real.cut("🐋", "gpt-4o", 1) == ("\ufffd", 1, True)


def test_half_of_a_surrogate_pair_is_counted_as_a_lost_character(real: Tokenizer) -> None:
    assert real.text("a \ud83d b", "gpt-4o") == real.text("a \ufffd b", "gpt-4o")
    assert real.text("\ud83d\udc0b", "gpt-4o") == real.text("🐋", "gpt-4o")


@pytest.mark.parametrize("language", SENTENCES)
def test_an_approximate_count_is_within_a_quarter_in_any_language(
    real: Tokenizer, language: str
) -> None:
    text = SENTENCES[language] * 5
    exact = real.text(text, "gpt-4o")

    assert Tokenizer(ApproximateEncoding).text(text, "gpt-4o") == pytest.approx(exact, rel=0.25)


@pytest.mark.parametrize("path", FILES)
def test_an_approximate_count_is_nearer_in_english_code_and_json(
    real: Tokenizer, path: str
) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    exact = real.text(text, "gpt-4o")

    assert Tokenizer(ApproximateEncoding).text(text, "gpt-4o") == pytest.approx(exact, rel=0.15)


@given(st.text())
def test_approximate_tokens_lose_nothing(text: str) -> None:
    encoding = ApproximateEncoding()

    tokens = encoding.encode_ordinary(text)

    assert encoding.decode(tokens) == text
    assert all(tokens)


def test_a_package_without_that_extension_encodes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Tell me of 鲸, and of 2,000 more."
    ours = tokens_module.load_encoding("o200k_base").encode_ordinary(text)
    monkeypatch.setattr(tokens_module, "_EXTENSION", "bpe_openai.gone")

    assert tokens_module.load_encoding("o200k_base").encode_ordinary(text) == ours
