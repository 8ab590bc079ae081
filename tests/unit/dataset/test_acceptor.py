from __future__ import annotations

import json
from collections import Counter
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftrunner.canonical import canonical_line
from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.fast_path.acceptor import Accepted
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import explain
from ftrunner.dataset.lines.facts import ExampleFacts, Facts
from ftrunner.dataset.lines.forms import Form, validator
from ftrunner.document import schema
from tests.kit.examples import examples
from tests.unit.dataset.making import objects, rows, with_space_in_braces

CHECKER = Checker(Settings(Format.CHAT))
PLAIN = (
    b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]}'
)

PIECES = [
    *(b'{"messages": [', b'{"messages":[', b"[", b"]", b"}", b"]}", b'"}]}', b'"', b", ", b"{"),
    *(b'{"role": "user", "content": "', b'{"role":"assistant","content":"', b"Hi", b'"content": '),
    *(b'"}, {"role": "assistant", "content": "', b'"}, {"role": "user", "content": "', b'"}, '),
]


def accept(row: bytes) -> Facts | None:
    [facts] = CHECKER.accepted(row + b"\n", [row])
    return facts


@examples(2000)
@given(rows())
def test_what_is_accepted_has_no_fault_and_the_same_facts(row: bytes) -> None:
    accepted = accept(row)
    if accepted is None:
        return

    faults, facts = CHECKER.examine(row)

    assert faults == []
    assert facts is not None
    assert facts.row == accepted.row == canonical_line(row)
    assert facts.roles == accepted.roles
    assert facts.system == accepted.system
    assert facts.prompt == accepted.prompt
    assert facts.question == accepted.question


def test_no_text_of_white_space_is_accepted_however_it_is_spelled() -> None:
    white = [chr(code) for code in range(0x3001) if not chr(code).strip()]
    spelled = [
        spelling
        for letter in white
        for spelling in (json.dumps(letter)[1:-1], f"\\u{ord(letter):04X}", letter)
    ]
    texts = ["", *spelled, *(f"{text} {text}" for text in spelled)]

    accepted = [text for text in texts if accept(PLAIN.replace(b"Yes", text.encode())) is not None]

    assert accepted == []
    assert len(white) > 25


def test_at_least_three_lines_in_ten_are_accepted() -> None:
    paths: Counter[bool] = Counter()

    @settings(max_examples=1000, deadline=None, database=None, derandomize=True)
    @given(rows())
    def look(row: bytes) -> None:
        paths[accept(row) is not None] += 1

    look()
    share = paths[True] / paths.total()
    print(f"{share:.0%} of {paths.total()} generated lines take the fast path")
    assert share >= 0.3


@examples(500)
@given(objects())
def test_both_schema_libraries_agree(line: dict[str, Any]) -> None:
    slow = jsonschema.Draft202012Validator(schema.load("dataset-chat"))

    assert slow.is_valid(line) == validator(Form(Format.CHAT)).is_valid(line)
    assert slow.is_valid(line) == (not any(explain.faults(line, Form(Format.CHAT))))


@pytest.mark.parametrize(
    "row",
    [
        PLAIN,
        PLAIN.replace(b": ", b":").replace(b", ", b","),
        with_space_in_braces(PLAIN),
        PLAIN.replace(b"Hi", "蓝鲸".encode()),
        PLAIN.replace(b"Hi", b"\\u84dd\\u9cb8"),
        PLAIN.replace(b"Hi", b'say \\"Hi\\"'),
        PLAIN.replace(b"Hi", b"\xf0\x9f\x90\xb3"),
    ],
)
def test_ordinary_lines_are_accepted(row: bytes) -> None:
    assert isinstance(accept(row), Accepted)


@pytest.mark.parametrize(
    "row",
    [
        b"",
        b"{}",
        b'{"messages": []}',
        PLAIN[:-1],
        PLAIN + b" ",
        PLAIN.replace(b"Hi", b""),
        PLAIN.replace(b"Hi", b" "),
        PLAIN.replace(b"Hi", b"\\n"),
        PLAIN.replace(b"Hi", b"\xff"),
        PLAIN.replace(b"Hi", b"\\ud800"),
        PLAIN.replace(b'"Hi"', b"null"),
        PLAIN.replace(b'"Hi"', b'["Hi"]'),
        PLAIN.replace(b'"role": "user"', b'"role": "user", "role": "user"'),
        PLAIN.replace(b"user", b"usr"),
        PLAIN.replace(b'{"role": "user", "content": "Hi"}, ', b"{}, "),
        b"[" * 5000,
        PLAIN.replace(b'"Hi"', b'"Hi", "content": "Yo"'),
        PLAIN.replace(b'"Hi"', b'"Hi", "c\\u006fntent": "Hi"'),
        PLAIN.replace(b'{"messages"', b'{"messages": [], "messages"'),
        PLAIN.replace(b"}]}", b"}], " + PLAIN[1:-3] + b"}]}"),
        PLAIN.replace(b'"Hi"', b'{"messages": [{"role": "user", "content": "Hi"}]}'),
        PLAIN.replace(b'"Hi"', b'[{"role": "a"}, {"role": "user", "content": "Hi"}]'),
        PLAIN.replace(
            b'"Hi"',
            b'"x", "content": [{"a": "b"}, {"role": "user", "content": "' + b"y" * 40 + b'"}]',
        ),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN + PLAIN,
        PLAIN.replace(b": [", b":  ["),
        PLAIN.replace(b'"role": "user", "content": "Hi"', b'"content": "Hi", "role": "user"'),
    ],
)
def test_anything_else_is_left_to_the_full_path(row: bytes) -> None:
    assert accept(row) is None


@given(
    st.lists(st.one_of(rows(), st.sampled_from([PLAIN, PLAIN.replace(b", ", b",")])), max_size=6)
)
def test_a_block_is_accepted_as_its_lines_are_each(lines: list[bytes]) -> None:
    together = CHECKER.accepted(b"".join(line + b"\n" for line in lines), lines)

    assert len(together) == len(lines)
    for facts, line in zip(together, lines, strict=True):
        alone = accept(line)
        assert (facts is None) == (alone is None)
        if facts is not None and alone is not None:
            assert facts.row == alone.row
            assert (facts.roles, facts.system) == (alone.roles, alone.system)
            assert (facts.prompt, facts.question) == (alone.prompt, alone.question)


@examples(300)
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=10).map(b"".join))
def test_no_patchwork_of_joints_is_mistaken_for_a_line(row: bytes) -> None:
    if accept(row) is not None:
        assert CHECKER.examine(row)[0] == []


def test_facts_are_the_insides_of_the_strings() -> None:
    row = PLAIN.replace(b"[{", b'[{"role": "system", "content": "Be brief."}, {')
    facts = accept(row)

    assert facts is not None
    assert facts.roles == ("system", "user", "assistant")
    assert facts.system == b"Be brief."
    assert facts.question == b"Hi"
    assert facts.prompt == row[: row.index(b'"}, {"role": "assistant"')]


def test_both_paths_know_a_prompt_by_the_same_bytes() -> None:
    accepted = accept(PLAIN)
    weighted = PLAIN.replace(b'"Yes"', b'"No", "weight": 1')
    _, examined = CHECKER.examine(weighted)

    assert accept(weighted) is None
    assert accepted is not None
    assert examined is not None
    assert accepted.prompt == examined.prompt
    assert accepted.question == examined.question


def test_the_facts_of_a_line_come_by_whichever_path_takes_it() -> None:
    weighted = PLAIN.replace(b'"Yes"', b'"Yes", "weight": 1')

    assert isinstance(CHECKER.facts(PLAIN + b"\r"), Accepted)
    assert isinstance(CHECKER.facts(weighted + b"\r"), ExampleFacts)
    assert CHECKER.facts(b"{}") is None


@pytest.mark.parametrize(
    ("spaces", "in_braces"),
    [((", ", ": "), False), ((",", ":"), False), ((", ", ": "), True)],
    ids=["spaced", "compact", "spaced in braces"],
)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "as it is"])
def test_facts_are_the_same_however_a_line_is_written(
    spaces: tuple[str, str], ascii_only: bool, in_braces: bool
) -> None:
    said = [("system", "Réponds\n\\underline en 1/2."), ("user", "Où est-il?"), ("assistant", "Là")]
    line = {"messages": [{"role": role, "content": text} for role, text in said]}
    row = json.dumps(line, separators=spaces, ensure_ascii=ascii_only).encode()
    row = with_space_in_braces(row) if in_braces else row
    accepted, (_, facts) = accept(row), CHECKER.examine(row)

    assert accepted is not None
    assert facts is not None
    assert accepted.row == facts.row
    assert accepted.prompt == facts.prompt
    assert accepted.system == facts.system
    assert accepted.question == facts.question
