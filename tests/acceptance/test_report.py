"""`apply` and `test` leave a report, and `ftrunner report` writes it again."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ftrunner.cli import session
from ftrunner.errors import StateError
from ftrunner.render.formats import REPORTS
from ftrunner.share import trackers
from mockserver.server import Settings
from tests.kit.project import Project
from tests.kit.providers import Providers
from tests.kit.stories import dataset, stories

SPEC_THAT_FAILS = """
version: 1
name: stories
provider: openai
model: gpt-4o-mini-2024-07-18
dataset: {train: data.jsonl}
hyperparameters: {n_epochs: 10}
tests:
  prompts:
    - name: whale
      user: 给我讲一个关于蓝鲸的故事
      expect: [{contains: submarine}]
"""
SPEC_WITH_SECRET = """
version: 1
name: stories
provider: openai
model: gpt-4o-mini-2024-07-18
dataset: {train: data.jsonl}
hyperparameters: {n_epochs: 10}
tests:
  prompts:
    - name: whale
      user: "给我讲一个关于蓝鲸的故事 ${env:SECRET}"
      expect: [{contains: "${env:SECRET}"}]
"""
REHEARSED = ".ftrunner/rehearsal/stories/openai/runs"


def reports(project: Project) -> list[Path]:
    return sorted((project.folder / REHEARSED).glob("*/report.html"))


def test_apply_leaves_a_report_and_says_where(project: Project) -> None:
    project.write(stories())

    printed = project.run("apply", "stories.yaml", "--mock").expect(0).out

    [report] = reports(project)
    assert f"Report: {report.relative_to(project.folder)}" in printed
    text = report.read_text(encoding="utf-8")
    assert "A rehearsal." in text
    assert "Passed" in text


def test_it_is_written_again_from_what_is_kept(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    [report] = reports(project)
    first = report.read_bytes()
    report.unlink()

    project.run("report", "stories.yaml", "--mock").expect(0)
    elsewhere = project.run("report", "stories.yaml", "--mock", "-o", "elsewhere.html").expect(0)

    assert report.read_bytes() == first
    assert (project.folder / "elsewhere.html").read_bytes() == first
    assert elsewhere.out == "wrote elsewhere.html\n"


@pytest.mark.parametrize(
    ("style", "begins"),
    [
        ("md", "<!-- ftrunner:stories -->"),
        ("junit", "<?xml"),
        ("csv", "\ufeffkind,"),
        ("jsonl", '{"kind": "verdict"'),
        ("github", "::notice file=stories.yaml"),
    ],
)
def test_other_formats_go_to_stdout_or_a_file(project: Project, style: str, begins: str) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    printed = project.run("report", "stories.yaml", "--mock", "--format", style).expect(0).out
    project.run("report", "stories.yaml", "--mock", "--format", style, "-o", "f").expect(0)

    assert printed.startswith(begins)
    assert "whale" in printed or style in ("md", "github")
    assert (project.folder / "f").read_bytes().decode() == printed


def test_test_leaves_a_report_too(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    printed = project.run("test", "stories.yaml", "--mock", "--regrade").expect(0).out

    last, path = printed.splitlines()[-1].split(": ")
    assert (last, len(reports(project))) == ("Report", 2)
    assert "Passed" in (project.folder / path).read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore")  # those of apprise, if it is installed
@pytest.mark.parametrize(("speed", "says"), [(0.2, True), (3000, False)], ids=["long", "short"])
def test_a_long_run_notifies_and_a_notification_that_fails_changes_nothing(
    project: Project, providers: Providers, speed: float, says: bool
) -> None:
    server = providers.empty(Settings(speed=speed))
    project.write(stories(base_url=server.base_url, notify=["TEAM_CHAT_URL"]))

    said = project.run("apply", "stories.yaml").expect(0).err

    assert ("no notification was sent" in said) is says


def test_a_tracker_that_takes_nothing_changes_no_exit_code(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    monkeypatch.setattr(trackers, "find_spec", lambda _: None)

    ended = project.run("report", "stories.yaml", "--mock", "--to", "wandb").expect(0)

    assert "FT342" in ended.err
    assert "wrote " in ended.out


def test_a_report_that_cannot_be_made_or_written_fails_no_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(stories())

    with monkeypatch.context() as patch:
        patch.setattr(session, "written", fails(StateError("the disk is full", code="FT418")))
        full = project.run("apply", "stories.yaml", "--mock").expect(0)
    with monkeypatch.context() as patch:
        patch.setattr(session, "written", fails(ZeroDivisionError()))
        bug = project.run("test", "stories.yaml", "--mock").expect(0)

    assert "there is no report.html: the disk is full" in full.err
    assert "`ftrunner report stories.yaml --mock`" in bug.err


def fails(error: Exception) -> Callable[..., bytes]:
    def raises(*_: Any) -> bytes:
        raise error

    return raises


def test_json_is_short_for_json_lines(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    [verdict, prompt] = project.run("report", "stories.yaml", "--mock", "--json").documents()

    assert (verdict["word"], prompt["name"]) == ("Passed", "whale")


def test_a_failed_prompt_is_in_each_format_with_its_line(project: Project) -> None:
    project.write(stories())
    project.write({"stories.yaml": SPEC_THAT_FAILS})
    project.run("apply", "stories.yaml", "--mock").expect(5)

    for style in ("md", "junit", "github"):
        printed = project.run("report", "stories.yaml", "--mock", "--format", style).expect(0).out
        assert "whale" in printed
        assert "stories.yaml:10" in printed or "line=10" in printed


def test_no_format_shows_what_came_from_the_environment(project: Project) -> None:
    project.write({"stories.yaml": SPEC_WITH_SECRET, "data.jsonl": dataset()})
    secret = "tok/en & <of> 16 signs"
    project.run("apply", "stories.yaml", "--mock", SECRET=secret).expect(5)

    for style in REPORTS:
        made = project.run(
            "report", "stories.yaml", "--mock", "--format", style, "-o", "-", SECRET=secret
        ).expect(0)
        for shown in (made.out, unescape(made.out), made.err):
            assert secret not in shown
            assert "16 signs" not in shown
            assert "[redacted]" in made.out or style == "md"


def test_a_failed_job_leaves_a_report_that_says_so(project: Project) -> None:
    project.write(stories())

    project.run("apply", "stories.yaml", "--scenario", "fails-mid-training").expect(1)

    [report] = (project.folder / ".ftrunner").glob("rehearsal/**/report.html")
    text = report.read_text(encoding="utf-8")
    assert "Training failed" in text
    assert "The last run ended early" in text


def test_without_a_run_there_is_nothing_to_report(project: Project) -> None:
    project.write(stories())

    said = project.run("report", "stories.yaml").expect(4).err

    assert "FT410" in said


@pytest.mark.parametrize("options", [("--open", "-o", "-")])
def test_options_that_exclude_each_other(project: Project, options: tuple[str, ...]) -> None:
    project.write(stories())

    project.run("report", "stories.yaml", *options).expect(2)


def test_a_folder_is_not_written_over(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    said = project.run("report", "stories.yaml", "--mock", "-o", ".").expect(4).err

    assert "cannot write ." in said
    there = project.run("report", "stories.yaml", "--mock", "-o", "gone/page.html").expect(4).err
    assert "name another place, or make the folder gone" in there
