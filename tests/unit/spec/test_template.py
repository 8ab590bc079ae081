from __future__ import annotations

import re

import pytest

from ftrunner.spec.template import UnknownReference, fill, references

ROW = {"answer": "a+b", "count": 3, "order": {"id": 7, "tags": ["x"]}, "a.b": "dotted"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain { text }", "plain { text }"),
        ("{{item.answer}} {{ item.count }}", "a+b 3"),
        ("{{item.order.id}}", "7"),
        ("{{item.order}}", '{"id": 7, "tags": ["x"]}'),
        ("{{item.a.b}}", "dotted"),
    ],
)
def test_references_are_filled_in(text: str, filled: str) -> None:
    assert fill(text, ROW) == filled


def test_what_is_filled_in_is_not_read_again() -> None:
    assert fill("{{item.a}}", {"a": "{{item.b}}"}) == "{{item.b}}"


def test_texts_inside_are_filled_in_and_keys_are_not() -> None:
    value = {"{{item.answer}}": ["{{item.answer}}", 1, None]}

    assert fill(value, ROW) == {"{{item.answer}}": ["a+b", 1, None]}
    assert list(references(value)) == ["item.answer"]


def test_what_is_filled_in_can_be_quoted() -> None:
    assert re.search(fill("^{{item.answer}}$", ROW, re.escape), "a+b")


@pytest.mark.parametrize("name", ["item.other", "item.order.other", "item.count.x", "answer", ""])
def test_an_unknown_reference_is_named(name: str) -> None:
    with pytest.raises(UnknownReference) as caught:
        fill(f"{{{{{name}}}}}", ROW)

    assert caught.value.name == name
