"""The tutorials can be followed: their commands end as they say, and print what they show."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.kit.project import Project

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(console|diff)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\$ ftrunner (?P<arguments>.*?)(  # exit code (?P<code>\d+))?\n")
MODEL = re.compile(r"(ft:[\w.-]+:personal:\w*:)\w+")


@pytest.mark.parametrize("page", ["tutorial.md", "evaluation.md"])
def test_the_tutorial_can_be_followed(project: Project, page: str) -> None:
    if page == "evaluation.md":
        shutil.copytree(
            ROOT / "specs", project.folder / "specs", ignore=shutil.ignore_patterns(".ftrunner")
        )
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert len(blocks) >= 3
    for kind, text in blocks:
        (follow if kind == "console" else change)(project, text)


def follow(project: Project, block: str) -> None:
    command = COMMAND.match(block)
    assert command, block
    outcome = project.run(*shlex.split(command["arguments"])).expect(int(command["code"] or 0))

    printed = iter(MODEL.sub(r"\1ID", outcome.out + outcome.err).splitlines())
    shown = MODEL.sub(r"\1ID", block[command.end() :]).splitlines()
    missing = [line for line in shown if not any(each.startswith(line) for each in printed)]
    assert missing == [], repr(outcome)


def change(project: Project, block: str) -> None:
    old, new = (line[1:] for line in block.splitlines())
    project.edit("demo/finetune.yaml", old, new)
