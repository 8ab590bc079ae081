"""Every `ftrunner` command that a page shows exists, and takes the options it is shown with."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from ftrunner.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
CODE = re.compile(r"^```.*?^```|`[^`]+`", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"(?:^|`|[$] |&& )ftrunner ([a-z][^`\n#;&>]*)", re.MULTILINE)
OPTION = re.compile(r"--[a-z][a-z-]*")


def shown(page: Path) -> list[str]:
    code = CODE.findall(page.read_text(encoding="utf-8"))
    return [command for each in code for command in SHOWN.findall(each)]


def test_there_are_commands_to_look_at() -> None:
    assert sum(len(shown(page)) for page in PAGES) > 100


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_exists(page: Path) -> None:
    wrong = {text: why for text in shown(page) if (why := fault(text.split()))}
    assert wrong == {}


def fault(words: list[str]) -> str | None:
    """What is wrong with a command line, if anything is."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and words[0].isidentifier():
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return f"no command {words[0]}"
        command, words = found, words[1:]
    takes = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    unknown = sorted(set(OPTION.findall(" ".join(words))) - takes)
    return f"{command.name} has no {unknown}" if unknown else None


def test_a_wrong_command_is_found() -> None:
    assert fault(["aply", "SPEC"])
    assert fault(["apply", "SPEC", "--mok"])
    assert fault(["data", "check", "FILE", "--repair"])
    assert fault(["data", "fix", "A", "B", "--repair", "CODE"]) is None
