"""Names that are not UTF-8, and streams that the caller has closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.project import Project
from tests.kit.stories import dataset, stories

pytestmark = pytest.mark.posix
ODD = os.fsdecode(b"caf\xe9\x1b")
SHOWN = r"caf\xe9\x1b"

IN_EVERY_FORM = (
    "validate {}/{}.yaml",
    "validate {}/{}.yaml --json",
    "plan {}/{}.yaml --mock --json",
    "apply {}/{}.yaml --mock",
    "apply {}/{}.yaml --mock --json",
    "apply {}/{}.yaml {}/{}.yaml --parallel 2 --mock",
    "verify {}/{}.yaml",
    "data check {}/{}.jsonl --format text",
    "data check {}/{}.jsonl --format json",
    "data check {}/{}.jsonl --format sarif",
    "data check {}/{}.jsonl --format github",
    "data stats {}/{}.jsonl",
    "data diff {}/{}.jsonl {}/{}.jsonl",
    "data fix {}/{}.jsonl {}/out{}.jsonl --force",
    "data split {}/{}.jsonl --force",
    "data convert {}/{}.jsonl {}/out{}.jsonl --force",
    "init {}/{}",
)


@pytest.fixture
def odd(project: Project) -> Path:
    """A folder of the project whose files have names that are not UTF-8."""
    try:
        (project.folder / ODD).mkdir()
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")
    dataset_ = {"train": "*.jsonl"}
    spec = stories(name="s", dataset=dataset_)["stories.yaml"]
    (project.folder / ODD / f"{ODD}.yaml").write_text(json.dumps(spec))
    return project.folder / ODD


@pytest.mark.parametrize("fault", ["", "{}\n"], ids=["sound", "faulty"])
def test_names_that_are_not_utf_8_work_and_are_shown_escaped(
    project: Project, odd: Path, fault: str
) -> None:
    (odd / f"{ODD}.jsonl").write_text(dataset() + fault, encoding="utf-8")

    ended = [project.run(*line.replace("{}", ODD).split(" ")) for line in IN_EVERY_FORM]

    assert [each for each in ended if each.code == 3] == []
    assert {each.code for each in ended[:6]} == ({2} if fault else {0})
    assert [each for each in ended if "\x1b" in each.out + each.err] == []
    assert not fault or f"{SHOWN}/{SHOWN}.jsonl:11" in ended[0].err


CLOSED = ("<&-", ">&-", "2>&-", "<&- >&- 2>&-")


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.process("its streams are closed")
def test_a_closed_stream_is_not_a_terminal_and_not_a_bug(project: Project, closed: str) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    # without a terminal no one can agree
    for line, code in (("apply", 0), ("test", 0), ("destroy", 2)):
        command = [sys.executable, "-m", "ftrunner", line, "stories.yaml", "--mock"]
        ended = subprocess.run(
            ["sh", "-c", f'"$@" {closed}', "sh", *command],
            cwd=project.folder,
            env={**os.environ, **project.environment},
            capture_output=True,
            timeout=60,
            check=False,
        )

        assert ended.returncode == code, ended
        assert b"Traceback" not in ended.stdout + ended.stderr
