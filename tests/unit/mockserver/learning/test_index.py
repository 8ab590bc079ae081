"""Finding texts by what they share."""

from __future__ import annotations

from mockserver.learning.index import Index


def filed(*texts: str) -> Index:
    index = Index()
    for number, text in enumerate(texts):
        index.add(number, (text,))
    return index


def test_a_rare_word_is_found_among_many() -> None:
    index = filed(*(f"the story of animal{n}" for n in range(5_000)))

    assert index.search(("the tale of animal4321",), 10)[0] == 4_321


def test_a_common_form_is_found_without_a_rare_word() -> None:
    index = filed(*(f"the story of animal{n}" for n in range(5_000)))

    assert len(index.search(("the story of whales",), 10)) == 10


def test_text_without_spaces_is_found_by_pairs() -> None:
    assert filed("关于小狗的故事", "今天天气很好").search(("小狗在哪里",), 10) == [0]


def test_nothing_shared_is_nothing_found() -> None:
    assert filed("one two", "three").search(("four",), 10) == []


def test_the_middle_of_a_long_text_is_not_filed() -> None:
    index = filed(f"start {'x ' * 1_000} middle {'x ' * 1_000} end")

    assert index.search(("start",), 1) == index.search(("end",), 1) == [0]
    assert index.search(("middle",), 1) == []
