"""docs/tutorial.md can be followed: its commands end as it says, and print what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.kit.project import Project

TUTORIAL = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(console|diff)\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\$ ftrunner (?P<arguments>.*?)(  # exit code (?P<code>\d+))?\n")
MODEL = re.compile(r"(ft:[\w.-]+:personal::)\w+")


def test_the_tutorial_can_be_followed(project: Project) -> None:
    for kind, text in BLOCKS:
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
