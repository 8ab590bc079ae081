from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.fix import REPAIRS, Fixing, fixed
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
        ("FT260", b'{"a": ["x\\u200by"]}', b'{"a": ["xy"]}'),
        ("FT262", ('{"a": "sk-%s"}' % ("a1" * 12)).encode(), b'{"a": "[secret]"}'),
        ("FT263", b'{"a": "jane@whales.net"}', b'{"a": "user@example.com"}'),
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
    row = b'{"messages" : [ ],"x":"\\u4e00 jane@example.com"}'

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
    row = json.dumps({"a": "蓝鲸\u200b 🐳"}).encode()

    assert fix([row], repair=("FT260",))[0] == ['{"a": "蓝鲸 🐳"}'.encode()]
