"""What holds for every format: hostile answers are inert, and it is what its readers take."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ftrunner.cli.output import written
from ftrunner.engine.report.report import Report
from ftrunner.engine.report.verdict import Tone, Verdict
from ftrunner.render.formats import REPORTS
from ftrunner.render.report.markdown import MOST_BYTES, code, fence
from ftrunner.state.results import KeptAnswer, KeptGate, KeptPrompt
from tests.kit.reports import HOSTILE, prompts, report_of, spoilt
from tests.kit.results import full

# Jenkins' schema, as the source archive of pytest carries it; MIT, see its head.
JENKINS = xmlschema.XMLSchema(Path(__file__).with_name("junit-10.xsd"))
STEERING = {"Cc", "Cf", "Cs"}
MEANT = set("\n\t\r\ufeff\u2060\u200d")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
OURS = re.compile(r"<!-- ftrunner:[\w.-]+ -->|</?(details|summary|sub)>")
COMMONMARK = MarkdownIt("commonmark").enable("table")


def spoilt_as(style: str, text: str) -> str:
    return written(report_of(spoilt(full(), text)), style).decode()


def parsed(report: Report) -> Any:
    return ElementTree.fromstring(written(report, "junit"))  # noqa: S314 - ours


@pytest.mark.parametrize("style", REPORTS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_in_it_steers_what_displays_it(style: str, text: str) -> None:
    shown = set(spoilt_as(style, text)) - MEANT

    assert {c for c in shown if unicodedata.category(c) in STEERING} == set()


@settings(max_examples=100, deadline=None)
@given(text=st.text())
def test_junit_is_what_jenkins_takes(text: str) -> None:
    JENKINS.validate(spoilt_as("junit", text))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_junit_is_what_jenkins_takes(text: str) -> None:
    JENKINS.validate(spoilt_as("junit", text))


def test_junit_distinguishes_failure_error_and_skipped() -> None:
    flaky = KeptPrompt(
        name="flaky",
        question="?",
        passed=True,
        pass_at_least=1,
        answers=(
            KeptAnswer(text="no", passed=False, score=0.0),
            KeptAnswer(text="yes", passed=True, score=1.0),
        ),
    )
    gates = (*full().gates, KeptGate(claim="not asked", result="skipped", why="it is current"))
    results = replace(full(), prompts=(*full().prompts, flaky), gates=gates)

    gate_lines = {"tickets: better than base by 2 points": 34}
    root = parsed(report_of(results, lines={"double-charge": 12}, gate_lines=gate_lines))

    kinds = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert kinds == {
        "there is a tuned model": [],
        "double-charge": ["failure"],
        "flaky": ["flakyFailure"],
        "gate: tickets: better than base by 2 points": ["failure"],
        "gate: latency_p95 of at most 2 s": ["skipped"],
        "gate: not asked": ["skipped"],
    }
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "2", "0")
    assert "specs/tickets.yaml:12" in "".join(root.itertext())
    assert "specs/tickets.yaml:34" in "".join(root.itertext())


def test_junit_of_a_failed_training_is_an_error_and_not_green() -> None:
    results = replace(full(), model=None, prompts=(), gates=(), sets=())
    failed = Verdict("Training failed", Tone.BAD, "The job ftjob-1 is failed: bad data")

    root = parsed(report_of(results, verdict=failed))

    assert root.get("errors") == "1"
    assert "bad data" in "".join(root.itertext())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_cell_is_a_formula_and_each_row_is_one(text: str) -> None:
    table = spoilt_as("csv", text)

    rows = list(csv.reader(StringIO(table.removeprefix("\ufeff"), newline="")))
    cells = [cell for row in rows for cell in row]
    assert table.startswith("\ufeff")
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for cell in cells if cell.lstrip(" ").startswith(FORMULA)] == []
    assert max(map(len, cells)) <= 32_767


@settings(max_examples=100, deadline=None)
@given(text=st.text())
def test_json_lines_are_ascii_and_keep_the_answer(text: str) -> None:
    lines = spoilt_as("jsonl", text).splitlines()

    rows = [json.loads(line) for line in lines]
    assert "".join(lines).isascii()
    assert {row["answer"] for row in rows if row["kind"] == "prompt"} == {text}


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="`~\n\r a<@#|]![\\"))
def test_nothing_leaves_a_fence_or_a_code_span(text: str) -> None:
    opening, *inside, closing = fence(text).splitlines()
    span = code(text)
    ticks = re.match("`+", span)

    assert ticks is not None
    assert opening == f"{closing}text"
    assert all(closing not in line for line in inside)
    assert re.fullmatch(f"{ticks[0]}(?!`).*(?<!`){ticks[0]}", span)
    assert not re.search(rf"(?<!`){ticks[0]}(?!`)", span[len(ticks[0]) : -len(ticks[0])])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_was_given_is_not_markup_in_markdown(text: str) -> None:
    tokens = list(flat(COMMONMARK.parse(spoilt_as("md", text))))

    kinds = {token.type for token in tokens}
    tags = "".join(token.content for token in tokens if token.type.startswith("html"))
    shown = "".join(token.content for token in tokens if token.type in ("text", "html_block"))
    assert kinds & {"link_open", "image", "code_block"} == set()
    assert "<" not in OURS.sub("", tags)
    assert not re.search(r"[@#]\w|://", shown)
    assert sum(token.type == "heading_open" for token in tokens) == 1


def flat(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or ())


def test_two_thousand_prompts_in_markdown_stay_below_its_limit() -> None:
    results = replace(full(), prompts=prompts("`" * 3_000, 2_000, question="故事" * 3_000))

    text = written(report_of(results), "md")

    assert len(text) <= MOST_BYTES
    assert re.search(rb"1,9\d\d more are in the report", text)
    assert text.count(b"<details>") == text.count(b"</details>")


def test_gates_with_long_names_do_not_push_markdown_over_its_limit() -> None:
    gates = tuple(
        KeptGate(claim="故事 " * 900, result="failed", why="差 " * 900) for _ in range(90)
    )

    text = written(report_of(replace(full(), gates=gates), notes=("故" * 9_000,) * 90), "md")

    assert len(text) <= MOST_BYTES
    assert text.endswith(b"</sub>\n")


def test_annotations_are_ten_of_a_kind_and_name_their_line() -> None:
    results = replace(full(), prompts=prompts("::error::owned\nx", 50))

    lines = written(report_of(results, lines={"p0": 12}), "github").decode().splitlines()

    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == 10
    assert errors[-1] == "::error::43 more; see the report"
    assert "better than base by 2 points" in errors[1]  # gates come before prompts
    assert any("line=12,title=tickets%3A p0 failed" in line for line in errors)
    assert all(re.match(r"::(error|warning|notice)( |::)", line) for line in lines)


@pytest.mark.parametrize("style", REPORTS)
def test_a_run_without_tests_can_be_written(style: str) -> None:
    bare = replace(
        full(), prompts=(), gates=(), sets=(), training=None, model=None, at=1e18, data={}
    )

    assert written(report_of(bare), style)
