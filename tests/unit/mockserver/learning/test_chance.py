"""Draws that repeat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.learning.chance import choose, draw


def test_a_draw_is_the_same_in_every_process() -> None:
    assert draw("a", 1) == 0.6035037301059549


@given(st.text(), st.integers())
def test_a_draw_is_a_share(label: str, number: int) -> None:
    assert 0 <= draw(label, number) < 1


def test_every_option_is_chosen_now_and_then() -> None:
    assert {choose("abc", n) for n in range(100)} == set("abc")
