"""No text drives the terminal, whichever layer shows it."""

from __future__ import annotations

import io
import os

import pytest
from rich.console import Console

from ftrunner.events import JobAdopted
from ftrunner.render.documents.record import as_text
from ftrunner.render.run.board import Board
from ftrunner.render.run.terminal import Terminal
from ftrunner.state.lock import FileRecord, Record
from ftrunner.text import cleaned, cleaned_line, escaped, is_printable, one_line, printable

EVIL = "a\x1b[2Jb\u202ec\u2028d\x9be"


@pytest.mark.parametrize("clean", [printable, one_line, cleaned, cleaned_line])
def test_every_layer_shows_the_same_characters_only(clean: object) -> None:
    assert callable(clean)

    assert all(map(is_printable, clean(EVIL)))


def test_chinese_emoji_tabs_and_lines_stay() -> None:
    assert printable("蓝鲸\t👩\u200d🚀\n") == "蓝鲸\t👩\u200d🚀\n"


def test_a_record_and_a_reason_cannot_drive_the_terminal() -> None:
    file = FileRecord(id=EVIL, filename=EVIL, sha256="0", bytes=1)
    stream = io.StringIO()
    Terminal(Console(file=stream))(JobAdopted("ftjob-1", "running", EVIL))

    record = Record(provider="openai", files={"train": file})
    shown = as_text(record, name="s", endpoint="e", apply="`ftrunner apply s`")

    assert all(map(is_printable, shown + stream.getvalue()))


def test_labels_are_aligned_by_the_cells_they_take() -> None:
    stream = io.StringIO()
    board = Board(Console(file=stream), ["蓝鲸", "a"])

    for label in ("蓝鲸", "a"):
        board.lane(label)(JobAdopted("ftjob-1", "running", "same"))

    assert [line.split("following")[0] for line in stream.getvalue().splitlines()] == [
        "蓝鲸  ",
        "a     ",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("data/a b.jsonl", "data/a b.jsonl"),
        ("故事\xa0é.jsonl", "故事\xa0é.jsonl"),
        (os.fsdecode(b"caf\xe9.jsonl"), "caf\\xe9.jsonl"),
        ("a\n\x1b[2J.jsonl", "a\\n\\x1b[2J.jsonl"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
    ],
)
def test_a_files_name_is_shown_on_one_line(name: str, shown: str) -> None:
    assert escaped(name) == shown
    assert escaped(name).encode()
