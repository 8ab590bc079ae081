from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.edit.fix import REPAIRS, Fixing, fixed
from ftrunner.dataset.formats import Format
from tests.unit.dataset.making import rows
from tests.unit.dataset.samples import example

CHECKER = Checker(Settings(Format.CHAT))


def fix(
    given_rows: list[bytes], *, repair: tuple[str, ...] = (), drop: tuple[str, ...] = ()
) -> tuple[list[bytes], Fixing]:
    done = Fixing()
    kept = list(fixed(given_rows, done, repair=repair, drop=drop, checker=CHECKER))
    return kept, done


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("FT210", "café".encode("latin-1"), "café".encode()),
        ("FT217", b" \t", None),
        ("FT260", example(1, answer="x\u200by"), example(1, answer="xy")),
        ("FT262", example(1, answer="sk-" + "a1" * 12), example(1, answer="[secret]")),
        ("FT263", example(1, answer="jane@whales.net"), example(1, answer="user@example.com")),
    ],
)
def test_a_repair_changes_what_its_code_finds(
    code: str, before: bytes, after: bytes | None
) -> None:
    kept, done = fix([before], repair=(code,))

    assert kept == ([] if after is None else [after])
    assert done.repaired.total() + done.dropped.total() == 1


@pytest.mark.parametrize("code", REPAIRS)
def test_a_line_without_the_fault_keeps_its_bytes(code: str) -> None:
    row = example(1, answer="jane@example.com").replace(b": ", b" : ").replace(b"a", b"\\u0061")

    assert fix([row], repair=(code,))[0] == [row]


def test_nothing_is_repaired_that_was_not_asked_for() -> None:
    odd = [b"", b"{", "caf\xe9".encode("latin-1"), example(1), example(1)]

    kept, done = fix(odd)

    assert kept == odd
    assert (done.read, done.written) == (5, 5)


def test_lines_with_a_finding_are_dropped() -> None:
    kept, done = fix([b"{", example(1), example(2, answer=" ")], drop=("FT211", "FT241"))

    assert kept == [example(1)]
    assert done.dropped == {"FT211": 1, "FT241": 1}


def test_of_equal_lines_the_first_stays() -> None:
    kept, done = fix([example(1), example(2), example(1)], drop=("FT250",))

    assert kept == [example(1), example(2)]
    assert done.dropped == {"FT250": 1}


@given(st.lists(rows(), max_size=5))
def test_after_all_repairs_their_faults_are_gone(given_rows: list[bytes]) -> None:
    kept, _ = fix(given_rows, repair=tuple(REPAIRS))

    for row in kept:
        faults, facts = CHECKER.examine(row)
        if facts is not None and not any(fault.code == "FT214" for fault in faults):
            assert not {fault.code for fault in faults} & {"FT210", "FT217", "FT260", "FT262"}


def test_text_keeps_its_characters() -> None:
    [kept] = fix([example(1, answer="蓝鲸\u200b 🐳")], repair=("FT260",))[0]

    assert kept.endswith('"蓝鲸 🐳"}]}'.encode())


def test_of_mixed_encodings_only_what_is_not_utf_8_is_read_again() -> None:
    mixed = "蓝鲸 ".encode() + "café – “x”".encode("cp1252") + " 🐳".encode()

    assert fix([mixed], repair=("FT210",))[0] == ["蓝鲸 café – “x” 🐳".encode()]


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_a_byte_that_means_nothing_is_not_guessed(byte: int) -> None:
    row = b"caf\xe9 " + bytes([byte])

    kept, done = fix([row], repair=("FT210",))

    assert kept == [row]
    assert not +done.repaired


def test_only_what_a_rule_looks_at_is_repaired() -> None:
    address = "bob@whales.net"
    image = {"type": "image_url", "image_url": {"url": f"https://cdn.io/u/{address}/1.png"}}
    call = {
        "id": address,
        "type": "function",
        "function": {"name": "send", "arguments": json.dumps({"to": address})},
    }
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": address}, image]},
        {"role": "assistant", "tool_calls": [call]},
    ]
    tool = {"type": "function", "function": {"name": "send", "description": address}}
    row = json.dumps({"messages": messages, "tools": [tool]}).encode()

    [kept] = fix([row], repair=("FT263",))[0]

    messages[0]["content"][0]["text"] = "user@example.com"
    call["function"] = {"name": "send", "arguments": '{"to": "user@example.com"}'}
    assert json.loads(kept) == {"messages": messages, "tools": [tool]}


@pytest.mark.parametrize("row", [b'{"a": "jane@whales.net"}', b'{"messages": "jane@whales.net"}'])
def test_a_line_that_no_rule_reads_keeps_its_bytes(row: bytes) -> None:
    assert fix([row], repair=("FT263",))[0] == [row]
