from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.findings import Excerpt, Finding, Location, Severity
from ftrunner.render.findings.text import render_finding, render_findings, summary
from ftrunner.render.fold import width


def finding(
    text: str = "name: x", column: int = 7, length: int = 1, code: str = "FT122"
) -> Finding:
    place = Location("spec.yaml", 4, column)
    return Finding(code, "must be text", place, excerpt=Excerpt(text, column, length))


def test_a_finding_says_what_where_and_what_next() -> None:
    place = Location("spec.yaml", 10, 3, "dataset.trian")
    whole = Finding("FT120", "no such key", place, "say train", excerpt=Excerpt("  trian: x", 3, 5))

    assert render_finding(whole) == (
        "spec.yaml:10:3: error FT120: no such key\n"
        "  10 |   trian: x\n"
        "     |   ^^^^^\n"
        "  hint: say train"
    )


def test_a_finding_without_excerpt_and_hint_is_one_line() -> None:
    place = Location("data.jsonl", 7, path="messages[2].role")
    bare = Finding("FT221", "unknown role", place, severity=Severity.WARNING)

    assert render_finding(bare) == ("data.jsonl:7 messages[2].role: warning FT221: unknown role")


@pytest.mark.parametrize(
    ("text", "column", "length", "caret"),
    [
        ("name: x", 7, 1, "      ^"),
        ("团队: x", 5, 1, "      ^"),
        ("name: 蓝鲸", 7, 2, "      ^^^^"),
        ("e\u0301: x", 5, 1, "   ^"),
        ("\ta: x", 5, 1, "    ^"),
        ("name:", 6, 1, "     ^"),
    ],
)
def test_the_caret_is_under_the_display_cells(
    text: str, column: int, length: int, caret: str
) -> None:
    last = render_finding(finding(text, column, length)).splitlines()[-1]

    assert last == f"    | {caret}"


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    text = "a" * 500 + "BAD" + "c" * 500
    _, line, caret = render_finding(finding(text, 501, 3)).splitlines()

    assert line.startswith("  4 | …a")
    assert line.endswith("c…")
    assert line[caret.index("^") : caret.rindex("^") + 1] == "BAD"
    assert len(line) < 120


def test_nothing_in_a_line_steers_the_terminal() -> None:
    rendered = render_finding(finding("name: \x1b[31m\u202e\x07x", 7, 1))

    assert rendered.replace("\n", "").isprintable()


@given(st.text(max_size=300), st.integers(1, 310), st.integers(1, 310))
def test_any_line_and_place_renders_in_three_lines(text: str, column: int, length: int) -> None:
    rendered = render_finding(finding(text, column, length))

    assert rendered.count("\n") == 2
    assert "^" in rendered


def test_the_first_of_each_code_are_shown_and_the_rest_counted() -> None:
    findings = [finding() for _ in range(1_022)] + [finding(code="FT124")] * 2

    rendered = render_findings(findings, per_code=20)

    assert rendered.count("error FT122") == 20
    assert rendered.count("error FT124") == 2
    assert rendered.endswith("FT122: 1,002 more of these are not shown.")


def test_nothing_renders_as_nothing() -> None:
    assert render_findings([]) == ""
    assert summary([]) == ""


def test_a_summary_counts_by_severity() -> None:
    warning = Finding("FT217", "blank", Location("d.jsonl", 1), severity=Severity.WARNING)

    assert summary([finding(), warning, finding()]) == "2 errors, 1 warning"


def test_wide_and_combining_characters_are_measured() -> None:
    assert [width(text) for text in ("a", "鲸", "e\u0301", "", "ｗ")] == [1, 2, 1, 0, 2]


def test_totals_say_how_many_are_not_shown_where_not_all_were_kept() -> None:
    findings = [finding(code="FT224") for _ in range(3)]

    shown = render_findings(findings, {"FT224": 5000}, per_code=2)

    assert shown.endswith("FT224: 4,998 more of these are not shown.")
    assert summary(findings, {"FT224": 5000, "FT999": 7}) == "5,000 errors"
