from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftrunner.dataset.files.reader import MAX_LINE
from ftrunner.dataset.lines.line import MAX_DEPTH, is_blank, nested_deeper, parse
from tests.kit.examples import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@examples(1000)
@given(
    st.binary(max_size=60)
    | st.text(alphabet='{}[]",:\\u019eE+-.tfn \x00é', max_size=40).map(str.encode)
)
@example(b'{"a": "\\')
@example(b"-")
@example(b"\xf4\x90\x80\x80")
def test_any_bytes_become_an_object_or_faults(line: bytes) -> None:
    parsed = parse(line)

    assert parsed.value is not None or parsed.faults
    assert all(fault.column is None or fault.column >= 1 for fault in parsed.faults)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.booleans())
def test_an_object_comes_back_as_it_was(value: dict[str, Any], escaped: bool) -> None:
    parsed = parse(json.dumps(value, ensure_ascii=escaped).encode())

    assert parsed.value == value
    assert parsed.faults == ()


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        (b'{"a": 1', "FT211", 8),
        (b"{'a': 1}", "FT211", 2),
        ('{"蓝鲸": x}'.encode(), "FT211", 8),
        (b'{"a": 1} {}', "FT211", 10),
        (b'{"a": NaN}', "FT215", 7),
        (b'{"a": -Infinity}', "FT215", 7),
        (b'{"a": 18446744073709551616}', "FT215", 7),
        (b'{"a": 1e400}', "FT215", 7),
        (b'{"NaN": "\\"NaN", "a": NaN}', "FT215", 23),
        (b'{"a": [0.18446744073709551616, 18446744073709551616]}', "FT215", 32),
        (b'{"a": 1e400-1}', "FT215", 7),
        ('{"é": "\xff"}'.encode("latin-1"), "FT210", 3),
        ('{"蓝": "'.encode() + b"\xff", "FT210", 8),
    ],
)
def test_a_fault_in_the_bytes_has_its_column_in_characters(
    line: bytes, code: str, column: int
) -> None:
    [fault] = parse(line).faults

    assert (fault.code, fault.column) == (code, column)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"a": "\t"}', "not JSON: U+0009 (tab) is here"),
        (b'{"a": "', "not JSON: the line ends before the text that begins here is closed"),
        (b'{"a": [1', "not JSON: the line ends before its object is closed"),
        (b'{"a": "\\x"}', "not JSON: JSON has no escape like this"),
        (b'{"a": 1 "b": 2}', "not JSON: a comma or a closing bracket is missing here"),
        (b'{"a": "b"c"}', "not JSON: a comma or a closing bracket is missing here"),
        (b"{a: 1}", "not JSON: a key in double quotes is missing here"),
        (b'{"a" 1}', "not JSON: a colon is missing here"),
        (b'{"a": }', "not JSON: a value is missing here"),
        (b'{"a": tru}', "not JSON: this is not a JSON value"),
        (b'{"a": [1,]}', "not JSON: a comma is before a closing bracket"),
        (b'{"a": 1}}', "not JSON: more follows the object"),
        ('{"a": "蓝'.encode()[:-1], "the line ends within a character"),
        ('{"a": "é"}'.encode("latin-1"), "the byte 0xe9 is not UTF-8; in Windows-1252 it is 'é'"),
    ],
)
def test_what_is_said_leads_nowhere_else(line: bytes, said: str) -> None:
    assert [fault.message for fault in parse(line).faults] == [said]


def test_every_repeated_key_is_found_where_it_is() -> None:
    parsed = parse(b'{"a": [{"b": 1, "b": 2}, {"b": 1, "b": 1}], "c": 1, "c": 2}')

    assert [fault.path for fault in parsed.faults] == ["a[0].b", "a[1].b", "c"]
    assert parsed.value == {"a": [{"b": 2}, {"b": 1}], "c": 2}


@given(st.integers(0, 200))
def test_depth_is_measured_without_recursion(depth: int) -> None:
    line = b'{"a": ' + b"[" * depth + b'"]]}}[[["' + b"]" * depth + b"}"

    assert nested_deeper(line, MAX_DEPTH) == (depth + 1 > MAX_DEPTH)


def test_nesting_without_end_is_a_fault() -> None:
    for opening in (b"[", b'{"a":'):
        assert [fault.code for fault in parse(opening * 10_000).faults] == ["FT216"]


def test_brackets_in_an_unfinished_string_do_not_take_long() -> None:
    assert [fault.code for fault in parse(b'{"a": "' + b"[\\" * 200_000).faults] == ["FT211"]


def test_a_long_string_takes_no_memory_beside_itself() -> None:
    line = b'{"a": [' + b"[]," * 100 + b'"' + b"A" * 1_000_000 + b'"]}'
    tracemalloc.start()
    try:
        assert not nested_deeper(line, MAX_DEPTH)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_line_beyond_the_limit_is_not_parsed() -> None:
    assert [fault.code for fault in parse(b"{" + b" " * MAX_LINE).faults] == ["FT213"]


@pytest.mark.parametrize("line", [b"", b" ", b"\t", b"\r", b" \t\r"])
def test_white_space_is_blank(line: bytes) -> None:
    assert is_blank(line)


def test_a_comma_after_the_object_is_to_be_removed() -> None:
    (fault,) = parse(b'{"messages": []},').faults

    assert fault.code == "FT211"
    assert (fault.hint or "").startswith("remove the comma")
