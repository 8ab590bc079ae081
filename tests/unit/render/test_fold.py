from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ftrunner import events as e
from ftrunner.render.fold import folded, width
from ftrunner.render.run.terminal import Terminal


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("it stops on 2027-01-14", ["it stops on", "  2027-01-14"]),
        (
            "  hint: run `ftrunner apply x` now",
            ["  hint: run", "    `ftrunner apply x`", "    now"],
        ),
        ("short", ["short"]),
        ("  a-word-that-is-too-long x", ["  a-word-that-is-too-long", "    x"]),
        ("  12 | an excerpt is left as it is", ["  12 | an excerpt is left as it is"]),
        ("小狗小狗小狗 小狗小狗小狗", ["小狗小狗小狗", "  小狗小狗小狗"]),
        ("just as wide without the space ", ["just as wide without", "  the space"]),
        ("twenty cells and one ", ["twenty cells and one"]),
        ("", [""]),
    ],
)
def test_a_line_is_broken_between_words(line: str, lines: list[str]) -> None:
    assert folded(line, 20).split("\n") == lines


@given(st.text(alphabet="ab `小.", max_size=80), st.integers(8, 30))
def test_nothing_is_lost_and_no_word_broken(line: str, cells: int) -> None:
    parts = folded(line, cells)

    assert parts.split() == line.split()
    assert all(
        width(part) <= cells or len(part.split()) == 1 or "`" in part for part in parts.split("\n")
    )


@pytest.mark.parametrize("is_terminal", [True, False])
def test_only_a_terminal_breaks_what_is_said_about_a_step(is_terminal: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, width=40, force_terminal=is_terminal, color_system=None)

    Terminal(console)(e.StepStarted("train", "run", "the model stops on the day of 2027-01-14"))

    reported = "3 train    run: the model stops on the\n           day of 2027-01-14\n"
    assert out.getvalue() == (reported if is_terminal else reported.replace("\n           ", " "))
