"""The page: hostile texts are inert, it loads nothing, and it is bounded."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftrunner.engine.report.report import Point, Report
from ftrunner.engine.report.verdict import Tone, Verdict
from ftrunner.render.report.html import html
from ftrunner.state.results import KeptAnswer, KeptPrompt, RunResults
from tests.kit.results import full

EVIL = "</pre><script>alert(1)</script><svg onload=alert(2)><img src=x onerror=alert(3)>\"'"
# Elements that run, load or submit something.
ACTIVE = {"script", "img", "iframe", "object", "embed", "form", "base", "use", "image", "audio"}


class Elements(HTMLParser):
    """The elements of a page, what they load, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.loaded: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.loaded |= {value or "" for name, value in attrs if name in ("src", "href")}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def report(results: RunResults, **more: Any) -> Report:
    return Report(
        results=results, verdict=Verdict("Failed", Tone.BAD, "x"), file="specs/tickets.yaml", **more
    )


def prompts(text: str, number: int, *, question: str = "?") -> tuple[KeptPrompt, ...]:
    given = (KeptAnswer(text=text, passed=False, score=0.0),)
    return tuple(
        KeptPrompt(name=f"p{n}", question=question, passed=False, pass_at_least=1, answers=given)
        for n in range(number)
    )


def spoilt(value: Any, text: str) -> Any:
    """`value` with every text in it replaced, where the type is not a choice of a few."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(spoilt(each, text) for each in value)
    if isinstance(value, dict):
        return {f"{key}{text}": spoilt(each, text) for key, each in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        kept = ("word", "result", "outcome")
        fields = {n: getattr(value, n) for n in value.__dataclass_fields__ if n not in kept}
        return replace(value, **{name: spoilt(each, text) for name, each in fields.items()})
    return value


def test_what_was_given_is_text_wherever_it_is_shown() -> None:
    page = html(report(spoilt(full(), EVIL)))
    shown = Elements(page)

    assert shown.names & ACTIVE == set()
    assert not any(name.startswith("on") for name in shown.attributes)
    assert {each for each in shown.loaded if not each.startswith("#")} == {"data:,"}
    assert "".join(shown.texts).count("<script>alert(1)") > 20
    assert "default-src 'none'" in page


@settings(max_examples=60, deadline=None)
@given(text=st.text())
def test_any_text_makes_a_page_of_the_same_elements(text: str) -> None:
    usual = Elements(html(report(spoilt(full(), "a"))))
    page = html(report(spoilt(full(), text or "a")))

    assert Elements(page).names <= usual.names | {"ins", "del"}
    assert page.encode(errors="replace").decode() == page or any(
        "\ud800" <= c <= "\udfff" for c in page
    )


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\u202e", "\u2066", "\x9b", "\ud800"])
def test_what_could_steer_a_display_is_replaced(character: str) -> None:
    page = html(report(spoilt(full(), f"a{character}b")))

    assert character not in page
    assert "a�b" in page


def test_two_thousand_long_prompts_stay_below_a_megabyte() -> None:
    page = html(
        report(replace(full(), prompts=prompts("<故事>" * 25_000, 2_000, question="&" * 9_000)))
    )

    assert len(page.encode()) < 1_000_000
    assert "1,9" in page  # so many are left out, and counted


def test_losses_that_cannot_be_drawn_are_left_out() -> None:
    curve = tuple(Point(n, loss, None) for n, loss in enumerate((3.0, float("nan"), 1.0, 1e300)))

    page = html(report(full(), curve=curve, checkpoints=(1, 99)))

    assert "nan" not in page.partition('class="curves"')[2].partition("</svg>")[0]


def test_right_to_left_text_has_its_direction() -> None:
    page = html(report(replace(full(), prompts=prompts("أنا بخير", 1))))

    assert '<pre dir="auto">أنا بخير</pre>' in page
