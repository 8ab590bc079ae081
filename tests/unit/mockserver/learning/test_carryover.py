"""Completions that take up new words, and stay what they are: text, JSON, calls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.learning.alignment import Reading, Substitution
from mockserver.learning.carryover import carry_over, occurs_in


def carried(text: str, *changes: tuple[str, str]) -> str:
    reading = Reading(tuple(Substitution(old, new) for old, new in changes))
    answer, _ = carry_over({"role": "assistant", "content": text}, [reading])
    content = answer["content"]
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("一天,一只小狗来了", "小狗", "蓝鲸", "一天,一只蓝鲸来了"),
        ("the dog ran", "dog", "whale", "the whale ran"),
        ("Dog days", "dog", "whale", "Whale days"),
        ("THE DOG", "dog", "whale", "THE WHALE"),
        ("a dogma", "dog", "whale", "a dogma"),
        ("hotdog and dog", "dog", "fox", "hotdog and fox"),
        ("про кита и кит", "кит", "волк", "про кита и волк"),
        ("只有dog在跑", "dog", "fox", "只有fox在跑"),
        (r"a \1 b", "a", r"\g<0>", r"\g<0> \1 b"),
    ],
)
def test_whole_words_are_exchanged(text: str, old: str, new: str, expected: str) -> None:
    assert carried(text, (old, new)) == expected


def test_words_that_change_places_are_exchanged_once() -> None:
    assert carried("Ann met Bob", ("Ann", "Bob"), ("Bob", "Ann")) == "Bob met Ann"


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ('{"city":  "Oslo"}', "Oslo", "Rio", '{"city":  "Rio"}'),
        ('{"Oslo": "Oslo"}', "Oslo", "Rio", '{"Oslo": "Rio"}'),
        ('{"minutes": 5}', "5", "12", '{"minutes": 12}'),
        ('{"minutes": 5}', "5", "007", '{"minutes": 5}'),
        ('{"a": "\\u72d7"}', "狗", "鲸", '{"a": "\\u9cb8"}'),
        ('["dog"]', "dog", 'a "big" \\ one', '["a \\"big\\" \\\\ one"]'),
        ("[not json] dog", "dog", '"fox"', '[not json] "fox"'),
    ],
)
def test_json_changes_in_values_only(text: str, old: str, new: str, expected: str) -> None:
    assert carried(text, (old, new)) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(value=JSON, old=st.text(min_size=1), new=st.text(), ascii_only=st.booleans())
def test_json_stays_json(value: Any, old: str, new: str, *, ascii_only: bool) -> None:
    text = json.dumps([old, value], ensure_ascii=ascii_only)

    changed = json.loads(carried(text, (old, new)))

    assert len(changed) == 2
    assert isinstance(changed[0], str)


def test_json_too_deep_to_read_is_text() -> None:
    assert carried("[" * 100_000 + "dog", ("dog", "fox")).endswith("[fox")


def test_the_reading_that_is_taken_up_wholly_wins() -> None:
    coarse = Reading((Substitution("king of thieves", "queen of hearts"),))
    fine = Reading((Substitution("king", "queen"), Substitution("thieves", "hearts")))
    completion = {"role": "assistant", "content": "The thieves have a king."}

    assert carry_over(completion, [coarse, fine]) == (
        {"role": "assistant", "content": "The hearts have a queen."},
        1.0,
    )


def test_the_share_says_how_much_was_taken_up() -> None:
    completion = {"role": "assistant", "content": "The dog barks."}
    parts = (Substitution("dog", "fox"), Substitution("Rome", "Oslo"))

    assert carry_over(completion, [Reading(parts)])[1] == 0.5
    assert carry_over(completion, [Reading(parts, certainty=0.5)])[1] == 0.25
    assert carry_over(completion, [Reading(parts[1:])]) == (completion, 0.0)
    assert carry_over(completion, []) == (completion, 1.0)


def test_calls_keep_their_names_and_ids() -> None:
    function = {"name": "dog", "arguments": '{"about": "dog"}'}
    completion = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "dog", "type": "function", "function": function}, "odd"],
        "function_call": function,
    }

    answer, share = carry_over(completion, [Reading((Substitution("dog", "fox"),))])

    changed = {"name": "dog", "arguments": '{"about": "fox"}'}
    assert share == 1
    assert answer["function_call"] == changed
    assert answer["tool_calls"] == [{"id": "dog", "type": "function", "function": changed}, "odd"]


@pytest.mark.parametrize(
    ("words", "text", "stands"),
    [("dog", "The Dog.", True), ("dog", "dogs", False), ("dog", "dogs, dog", True)],
)
def test_words_are_found_whole(words: str, text: str, *, stands: bool) -> None:
    assert occurs_in(words, text) is stands
