from __future__ import annotations

import json

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.edit.convert import as_chat
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.faults import Fault

ROW = json.dumps({"prompt": "Whale ->", "completion": " a mammal\n"}).encode()


def test_prompt_and_completion_become_a_conversation() -> None:
    [row] = as_chat([ROW])

    assert isinstance(row, bytes)
    assert json.loads(row) == {
        "messages": [
            {"role": "user", "content": "Whale ->"},
            {"role": "assistant", "content": "a mammal"},
        ]
    }
    assert Checker(Settings(Format.CHAT)).examine(row)[0] == []


def test_a_system_prompt_stands_first() -> None:
    [row] = as_chat([ROW], system="Be brief.")

    assert isinstance(row, bytes)
    assert json.loads(row)["messages"][0] == {"role": "system", "content": "Be brief."}


def test_a_row_of_another_format_is_a_fault_with_its_line() -> None:
    first, second, third = as_chat([ROW, b"", b'{"messages": []}', b"{"])

    assert isinstance(first, bytes)
    assert isinstance(second, Fault)
    assert isinstance(third, Fault)
    assert [second.line, third.line] == [3, 4]
