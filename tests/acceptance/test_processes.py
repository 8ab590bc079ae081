"""Each command once as a process: it ends and says exactly as it does inside a test's process.

All other acceptance tests rely on that, but for those about signals, terminals and closed pipes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from ftrunner.cli.main import COMMANDS
from mockserver.server import MockServer
from tests.kit.project import Outcome, Project
from tests.kit.stories import stories

# command → how it is called after an apply, and what it exits with.
CALLS = {
    "init": ("init new", 0),
    "validate": ("validate stories.yaml", 0),
    "plan": ("plan stories.yaml --exit-code", 0),
    "apply": ("apply stories.yaml", 0),
    "status": ("status stories.yaml", 0),
    "test": ("test stories.yaml --json", 0),
    "compare": ("compare stories.yaml --between openai together", 4),
    "report": ("report stories.yaml --format md", 0),
    "history": ("history stories.yaml", 0),
    "output": ("output stories.yaml", 0),
    "verify": ("verify stories.yaml --json", 0),
    "drift": ("drift stories.yaml --within 3650", 4),
    "cancel": ("cancel stories.yaml", 4),
    "adopt": ("adopt stories.yaml ftjob-unknown", 1),
    "forget": ("forget stories.yaml", 0),
    "destroy": ("destroy stories.yaml", 2),
    "import": ("import --provider openai", 2),
    "providers": ("providers show openai", 0),
    "data": ("data check data.jsonl", 0),
    "mock": ("mock --scenario sunshine", 2),
    "schema": ("schema spec", 0),
    "explain": ("explain FT101", 0),
}


@pytest.fixture
def twins(project: Project, provider: MockServer) -> tuple[Project, Project]:
    """Two folders alike, in which the spec has been applied."""
    one, two = (replace(project, folder=project.folder / name) for name in ("one", "two"))
    one.write(stories(base_url=provider.base_url))
    one.run("apply", "stories.yaml").expect(0)
    shutil.copytree(one.folder, two.folder)
    return one, two


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.process("what this proves")
def test_a_process_does_what_a_run_inside_this_one_does(
    twins: tuple[Project, Project], command: str
) -> None:
    here, there = twins
    line, code = CALLS[command]

    inside = here.run(*line.split()).expect(code)
    process = there.run_process(*line.split())

    assert _without_age_and_id(process) == _without_age_and_id(inside)


def _without_age_and_id(outcome: Outcome) -> Outcome:
    """The outcome without a job's age, which may be a second more, and without the run's id."""
    out = re.sub(r"^age .*\n", "", outcome.out, flags=re.MULTILINE)
    return replace(outcome, out=re.sub(r"(runs/stories/)\w+", r"\1ID", out))


@pytest.mark.process("what this proves")
def test_a_whole_rehearsal_as_a_process(project: Project) -> None:
    project.write(stories())

    done = project.run_process("apply", "stories.yaml", "--mock").expect(0)

    assert "1 of 1 passed" in done.out
    assert done.err == project.run("apply", "stories.yaml", "--mock").expect(0).err


def test_other_tests_start_none() -> None:
    with pytest.raises(AssertionError, match="say why not"):
        subprocess.run([sys.executable, "--version"], check=True)
