from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.explain import faults
from ftrunner.dataset.lines.faults import MOST_OF_A_LINE
from ftrunner.dataset.lines.forms import Form
from ftrunner.document.schema import load

GOOD = {"role": "user", "content": "Hi"}


def test_null_is_not_suggested_where_something_is_wanted() -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": 5}]

    said = [fault.message for fault in faults({"messages": messages}, Form(Format.CHAT))]

    # The order of the kinds is the validator's, and differs between its versions.
    assert said in (["5 where a text or a list is wanted"], ["5 where a list or a text is wanted"])


def test_a_noun_has_its_article() -> None:
    messages = [{"role": "assistant", "content": "Hi", "nme": "x"}]

    [fault] = faults({"messages": messages}, Form(Format.CHAT))
    assert fault.message == "'nme' is not a key of an assistant message"


@pytest.mark.parametrize(
    ("messages", "first"),
    [
        ([{}] * 5000, "messages[0]"),
        ([GOOD] * 200 + [{}] * 5000, "messages[200]"),
        ([GOOD] * 128 + [5], "messages[128]"),
        ([{"role": "user", "content": [{"type": "text", "text": "a"}] * 999 + [{}]}],
         "messages[0].content[999]"),
    ],
)  # fmt: skip
def test_of_a_long_line_the_first_faults_are_reported(messages: list[Any], first: str) -> None:
    said = list(faults({"messages": messages}, Form(Format.CHAT)))

    assert said[0].path.startswith(first)
    assert len(said) <= MOST_OF_A_LINE


def test_a_line_made_of_faults_takes_little_memory() -> None:
    value: dict[str, Any] = {"messages": [{}] * 100_000}
    load("dataset-chat")
    tracemalloc.start()
    try:
        assert len(list(faults(value, Form(Format.CHAT)))) == MOST_OF_A_LINE
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "row",
    [
        b'{"messages": [%s]}' % b",".join([b'{"role": "assistant", "content": " "}'] * 500),
        b'{"a": [%s]}' % b",".join([b'{"b": 1, "b": 2}'] * 500),
        b'{"a": [%s]}' % b",".join([b'"\\ud83d"'] * 500),
    ],
)
def test_of_one_line_only_so_many_faults_of_a_kind_are_reported(row: bytes) -> None:
    found, _ = Checker(Settings(Format.CHAT)).examine(row)

    assert max(
        sum(fault.code == code for fault in found) for code in ("FT241", "FT214", "FT218")
    ) == (MOST_OF_A_LINE)
