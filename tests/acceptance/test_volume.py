"""`-q` and `-v`, which each command has."""

from __future__ import annotations

import pytest

from ftrunner.cli.commands.data import COMMANDS as DATA_COMMANDS
from ftrunner.cli.main import COMMANDS
from tests.kit.project import Project
from tests.kit.stories import SPEC, stories

EVERY: list[tuple[str, ...]] = [(name,) for name in COMMANDS if name != "data"]
EVERY += [*(("data", name) for name in DATA_COMMANDS), ("providers", "show")]
MISSPELT = {"stories.yaml": {**SPEC, "dataset": {"trian": "data/x.jsonl"}}}


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_each_command_can_say_less_or_more(project: Project, command: tuple[str, ...]) -> None:
    shown = project.run(*command, "--help").expect(0).out

    assert "-q, --quiet" in shown
    assert "-v, --verbose" in shown


@pytest.mark.parametrize(
    "command",
    [
        ("init", "new"),
        ("validate", "stories.yaml"),
        ("apply", "stories.yaml", "--mock"),
        ("data", "split", "data.jsonl", "--validation", "0.2"),
    ],
    ids=" ".join,
)
def test_quiet_says_nothing_of_success(project: Project, command: tuple[str, ...]) -> None:
    project.write(stories())

    done = project.run(*command, "-q").expect(0)

    assert (done.out, done.err) == ("", "")


def test_quiet_still_says_what_is_wrong(project: Project) -> None:
    project.write(MISSPELT)

    refused = project.run("validate", "stories.yaml", "-q").expect(2)

    assert refused.out == ""
    assert "'trian' is not a key" in refused.err


def test_quiet_leaves_annotations_alone(project: Project) -> None:
    project.write(MISSPELT)

    refused = project.run("validate", "stories.yaml", "-q", "--format", "github").expect(2)

    assert refused.out.startswith("::error file=stories.yaml,line=")


def test_quiet_still_prints_what_was_asked_for(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock", "-q").expect(0)

    model = project.run("output", "stories.yaml", "--mock", "-q").expect(0).out
    [document] = project.run("validate", "stories.yaml", "-q", "--json").expect(0).documents()

    assert model.startswith("ft:")
    assert document["valid"] is True


def test_verbose_explains_each_code(project: Project) -> None:
    project.write(MISSPELT)

    seen = project.run("plan", "stories.yaml", "-v").expect(2).err
    plain = project.run("plan", "stories.yaml").expect(2).err

    assert seen.startswith(plain)
    assert "  cause: " in seen
    assert seen.count("FT120: ") == plain.count("FT120: ") + 1


def test_verbose_shows_every_step(project: Project) -> None:
    project.write(stories())

    shown = project.run("apply", "stories.yaml", "--mock", "-v").expect(0).out

    assert shown.count(" step ") >= 100


def test_both_at_once_is_a_usage_error(project: Project) -> None:
    assert "exclude each other" in project.run("plan", "stories.yaml", "-q", "-v").expect(2).err
