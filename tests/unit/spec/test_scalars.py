from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.document.scalars import Scalar, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("No", False),
        ("ON", True),
        ("0", 0),
        ("-7", -7),
        ("2_000_000", 2_000_000),
        ("0x1F", 31),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1e-5", 1e-5),
        ("-1.5E+3", -1500.0),
        ("5.", 5.0),
    ],
)
def test_words_and_numbers_are_read_as_people_mean_them(text: str, value: Scalar) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-22", "12:30", "1:30:00", "007", "0o17", "6h", "1.2.3", "1e", "e5", "_1", "-"),
        *(".inf", "-.inf", ".nan", "1e999", "9" * 5000, "y", "n", "yEs", "gpt-4o", "."),
    ],
)
def test_the_rest_stays_text(text: str) -> None:
    assert resolve(text) == text


@given(st.integers(min_value=-(10**18), max_value=10**18) | st.floats(allow_infinity=False))
def test_python_numbers_are_read_back(number: float) -> None:
    if number == number:  # not NaN
        assert resolve(repr(number)) == number


@given(st.text())
def test_any_text_has_a_meaning(text: str) -> None:
    assert isinstance(resolve(text), str | int | float | bool | None)
