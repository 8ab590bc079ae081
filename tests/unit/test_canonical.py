"""The canonical form is a contract: what it is, and that each value has one."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.canonical import canonical_json, canonical_line
from tests.kit.respelling import respelled

USUAL = (
    '{"messages": [{"role": "user", "content": "一天 \\"Hi\\"\\n"}, '
    '{"role": "assistant", "content": "Là."}]}'
).encode()
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abrz", max_size=2), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        (USUAL, USUAL),
        (b'{"completion":"b","prompt":"a"}', b'{"prompt": "a", "completion": "b"}'),
        (b'{"content": "x", "role": "user"}', b'{"role": "user", "content": "x"}'),
        (b'["\\u00e9", "\\/", "\\u007f"]', b'["\xc3\xa9", "/", "\x7f"]'),
        (b'["\\u000A\\u0001\\u001F"]', b'["\\n\\u0001\\u001f"]'),
        (b'["\\ud83d\\udc33"]', b'["\xf0\x9f\x90\xb3"]'),
        (b"[1, 1.0, 1e0, 10E-1, 1.00]", b"[1, 1, 1, 1, 1]"),
        (b"[0, -0, -0.0, 0e9]", b"[0, 0, 0, 0]"),
        (b"[0.1, 0.10, 1e-1, 1.5e3, 1e-7]", b"[0.1, 0.1, 0.1, 1500, 1e-07]"),
        (b"[9007199254740993, 18446744073709551615]", b"[9007199254740993, 18446744073709551615]"),
        (b"[1e21]", b"[1000000000000000000000]"),
        (b"[true, false, null]", b"[true, false, null]"),
        (b'{"a": 1, "a": 2}', b'{"a": 2}'),
        (b'\t{"a" :1} \r', b'{"a": 1}'),
    ],
)
def test_the_form(written: bytes, form: bytes) -> None:
    assert canonical_line(written) == form
    assert canonical_line(form) == form


@pytest.mark.parametrize(
    "row",
    [
        b"",
        b"row 7",
        b"{",
        b"\xff",
        b"[NaN]",
        b"[1e999]",
        b'["\\ud800"]',
        b"[" * 100_000,
        b"1" * 9999,
    ],
    ids=lambda row: repr(row[:9]),
)
def test_what_is_not_json_stays_as_it_is(row: bytes) -> None:
    assert canonical_line(row + b" ") == row


@given(VALUES, st.randoms(use_true_random=False))
def test_a_value_has_one_form_however_it_is_written(value: Any, rng: random.Random) -> None:
    form = canonical_json(value)

    assert json.loads(form) == value
    assert canonical_line(respelled(value, rng)) == form == canonical_line(form)


@given(VALUES, VALUES)
def test_other_values_have_other_forms(one: Any, other: Any) -> None:
    assert (canonical_json(one) == canonical_json(other)) == (tagged(one) == tagged(other))


def tagged(value: Any) -> Any:
    """`value` with true and false distinct from 1 and 0, which are equal in Python."""
    if isinstance(value, dict):
        return {key: tagged(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [tagged(inner) for inner in value]
    return (value,) if isinstance(value, bool) else value


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", 1), (True, 1), (None, "null"), ([], {}), ({"a": None}, {}), ("é", "e\u0301"), (1, 1.5)],
)
def test_what_looks_alike_is_not_the_same(one: object, other: object) -> None:
    assert canonical_json(one) != canonical_json(other)
