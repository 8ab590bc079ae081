"""Which words two prompts of one form exchange."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.learning.alignment import readings


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("讲一个关于小狗的故事", "讲一个关于蓝鲸的故事", [[("小狗", "蓝鲸")]]),
        ("讲一个关于小狗的故事", "讲一个关于小男孩的故事", [[("狗", "男孩")]]),
        ("tell of the dog, please", "Tell of the whale, please", [[("dog", "whale")]]),
        ("mail a@b.example now", "mail c@d.example now", [[("a@b.example", "c@d.example")]]),
        ("the king of men sleeps", "the lord of dogs sleeps",
         [[("king of men", "lord of dogs")], [("king", "lord"), ("men", "dogs")]]),
        ("the red fox ran", "the wolf ran", [[("red fox", "wolf")]]),
        ("a dog ran", "a small dog ran", [[("dog", "small dog")], [("a", "a small")]]),
        ("a small dog ran", "a dog ran", [[("small dog", "dog")], [("a small", "a")]]),
        ("the fox the den", "the fox owl the den", [[("fox", "fox owl")], [("the", "owl the")]]),
        ("see red fox now", "see fox owl now", [[("red fox", "fox owl")]]),
        ("讲宝宝的事", "讲宝贝的事", [[("宝的", "贝的")], [("宝宝", "宝贝")], [("宝", "贝")]]),
        ("red dog red", "sad dog red", [[("red dog", "sad dog")], [("red", "sad")]]),
        ("red dog red", "red dog sad", [[("dog red", "dog sad")], [("red", "sad")]]),
        ("tell of dogs", "tell of dogs please", []),
        ("please tell of dogs", "tell of dogs", []),
        ("tell me of a dog now", "tell of a big dog now", [[("me of a", "of a big")]]),
        ("same words", "Same, words!", []),
        ("", "", []),
    ],
)  # fmt: skip
def test_exchanged_words(old: str, new: str, expected: list[list[tuple[str, str]]]) -> None:
    found = [[(part.old, part.new) for part in reading.parts] for reading in readings(old, new)]

    assert found == expected


def test_added_words_are_a_less_certain_exchange() -> None:
    exchanged, added = readings("a dog ran", "a fox ran"), readings("a dog ran", "a sly dog ran")

    assert [reading.certainty for reading in exchanged] == [1]
    assert all(reading.certainty < 1 for reading in added)


def test_words_of_two_messages_are_not_a_slot() -> None:
    assert readings("ask Bob now", "ask Ann\x1etool\x1fdone now") == []


def test_documents_are_not_forms() -> None:
    text = "word " * 3_000

    assert readings(text + "a", text + "b") == []


@given(st.text(), st.text())
def test_what_is_exchanged_is_in_the_prompts(old: str, new: str) -> None:
    for reading in readings(old, new):
        assert reading.parts
        assert all(part.old and part.old in old and part.new and part.new in new
                   for part in reading.parts)  # fmt: skip
