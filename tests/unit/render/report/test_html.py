"""The page: hostile texts are inert, it loads nothing, and it is bounded."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftrunner.engine.report.report import Point
from ftrunner.render.report.html import html
from ftrunner.state.results import Confusion, Figure
from ftrunner.text import printable
from tests.kit.reports import HOSTILE, prompts, report_of, spoilt
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


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_was_given_is_text_wherever_it_is_shown(text: str) -> None:
    page = html(report_of(spoilt(full(), text)))
    shown = Elements(page)

    assert shown.names & ACTIVE == set()
    assert not any(name.startswith("on") for name in shown.attributes)
    assert {each for each in shown.loaded if not each.startswith("#")} == {"data:,"}
    # versions of the template engine replace half of a surrogate pair by one character or by three
    expected = re.sub("�+", "�", printable(text, bound=40)[:40].split("\n")[0])
    assert re.sub("�+", "�", "".join(shown.texts)).count(expected) > 20
    assert "default-src 'none'" in page


@settings(max_examples=60, deadline=None)
@given(text=st.text())
def test_any_text_makes_a_page_of_the_same_elements(text: str) -> None:
    usual = Elements(html(report_of(spoilt(full(), "a"))))
    page = html(report_of(spoilt(full(), text or "a")))

    assert Elements(page).names <= usual.names | {"ins", "del"}
    assert page.encode(errors="replace").decode() == page or any(
        "\ud800" <= c <= "\udfff" for c in page
    )


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\u202e", "\u2066", "\x9b", "\ud800"])
def test_what_could_steer_a_display_is_replaced(character: str) -> None:
    page = html(report_of(spoilt(full(), f"a{character}b")))

    assert character not in page
    assert "a�b" in page


def test_two_thousand_long_prompts_stay_below_a_megabyte() -> None:
    page = html(
        report_of(replace(full(), prompts=prompts("<故事>" * 25_000, 2_000, question="&" * 9_000)))
    )

    assert len(page.encode()) < 1_000_000
    assert "1,9" in page  # so many are left out, and counted


def test_many_sets_opponents_and_labels_stay_below_a_megabyte() -> None:
    [tickets] = full().sets
    labels = tuple(f"label {n}" for n in range(500))
    tuned = replace(
        tickets.models[0],
        metrics={f"recall.{label}": Figure(value=0.5, low=0.4, high=0.6) for label in labels},
        confusion=Confusion(labels=labels, counts=((1,) * 501,) * 500),
    )
    found = replace(tickets.comparisons[0], differences=(1.0,) * 2_000, better=1_000, worse=900)
    sets = tuple(
        replace(tickets, name=f"s{n}", models=(tuned, tuned), comparisons=(found,) * 3)
        for n in range(50)
    )

    page = html(report_of(replace(full(), sets=sets, gates=full().gates * 500)))

    assert len(page.encode()) < 1_000_000
    assert "440 more figures and the confusion matrix of 500 labels" in page


def test_losses_that_cannot_be_drawn_are_left_out() -> None:
    curve = tuple(Point(n, loss, None) for n, loss in enumerate((3.0, float("nan"), 1.0, 1e300)))

    page = html(report_of(full(), curve=curve, checkpoints=(1, 99)))

    assert "nan" not in page.partition('class="curves"')[2].partition("</svg>")[0]


@settings(max_examples=100, deadline=None)
@given(losses=st.lists(st.tuples(st.integers(-9, 10**18), st.floats())))
def test_any_losses_make_a_curve(losses: list[tuple[int, float]]) -> None:
    page = html(report_of(full(), curve=tuple(Point(n, loss, loss) for n, loss in losses)))

    drawn = page.partition('class="curves"')[2].partition('<p class="keys')[0]
    assert not re.search(r"nan|inf", drawn.partition("</title>")[2])


def test_right_to_left_text_has_its_direction() -> None:
    page = html(report_of(replace(full(), prompts=prompts("أنا بخير", 1))))

    assert '<pre dir="auto">أنا بخير</pre>' in page
