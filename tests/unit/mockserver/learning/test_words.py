"""Words in scripts with and without spaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.learning.words import clip, grams, is_whole, word_spans, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tell me, please!", ["tell", "me", "please"]),
        ("don't mail a@b.example 3.14 times.", ["don't", "mail", "a@b.example", "3.14", "times"]),
        ("讲个故事。", ["讲", "个", "故", "事"]),
        ("用Python写", ["用", "python", "写"]),
        ("Расскажи про кита…", ["расскажи", "про", "кита"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("¿Qué?", ["qué"]),
        ("\x1e \x1f", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_grams_pair_the_characters_of_unspaced_scripts() -> None:
    assert list(grams("一只dog来了")) == ["一", "一只", "dog", "来", "来了"]


@given(st.text())
def test_spans_hold_whole_words_in_order(text: str) -> None:
    spans = word_spans(text)

    assert spans == sorted(spans)
    assert all(start < end and is_whole(text, (start, end)) for start, end in spans)


@given(st.text(), st.integers(1, 5))
def test_clipped_text_is_bounded(text: str, length: int) -> None:
    assert len(clip(text, length)) <= 2 * length + 1
