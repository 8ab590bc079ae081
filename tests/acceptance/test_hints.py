"""A hint leads on: a user who follows it does not meet the same error again."""

from __future__ import annotations

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import stories

NEVER = {"name": "never", "user": "给我讲一个关于小狗的故事", "expect": [{"equals": "不"}]}


@pytest.fixture
def mock(open_provider: MockServer) -> FtMock:
    """Here the same job is made once more, as a hint says."""
    return FtMock(open_provider.origin)


def test_verify_after_a_failed_job_leads_to_another_try(project: Project, mock: FtMock) -> None:
    mock.scenario("fails-mid-training")
    project.write(stories(base_url=mock.base_url))
    project.run("apply", "stories.yaml").expect(1)

    for command in ("verify", "output"):
        printed = project.run(command, "stories.yaml").expect(4).err
        assert "`ftrunner apply stories.yaml --retry`" in printed
    project.run("apply", "stories.yaml", "--retry").expect(0)
    project.run("verify", "stories.yaml").expect(0)


def test_inputs_that_changed_since_the_job_failed_need_no_retry(
    project: Project, mock: FtMock
) -> None:
    mock.scenario("fails-mid-training")
    project.write(stories(base_url=mock.base_url))
    project.run("apply", "stories.yaml").expect(1)
    project.edit("data.jsonl", "小狗", "小象")

    printed = project.run("verify", "stories.yaml").expect(4).err

    assert "hint: run `ftrunner apply stories.yaml` and commit" in printed


def test_failed_tests_are_named_as_what_keeps_a_model_from_being_current(project: Project) -> None:
    project.write(stories(tests={"prompts": [NEVER]}))
    project.run("apply", "stories.yaml", "--mock").expect(5)

    for command in ("verify", "output"):
        printed = project.run(command, "stories.yaml", "--mock").expect(4).err
        assert "the model failed its tests: correct the tests or the data" in printed
        assert "`ftrunner test stories.yaml --mock`" in printed
    verify = project.run("verify", "stories.yaml", "--mock").expect(4).err
    assert "stories.yaml matches its lock file, but the model's last tests failed\n" in verify


def test_where_only_a_rehearsal_was_run_that_is_said(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    output = project.run("output", "stories.yaml").expect(4).err
    status = project.run("status", "stories.yaml").expect(0).out
    history = project.run("history", "stories.yaml").expect(0).out
    verify = project.run("verify", "stories.yaml").expect(4).err

    assert "stories.yaml was never applied at https://" in verify
    for printed in (output, status, history):
        assert "only a rehearsal exists; add --mock to see it" in printed
        assert "ftrunner apply" not in printed
    assert "only a rehearsal" not in project.run("status", "stories.yaml", "--mock").expect(0).out


def test_nothing_is_said_of_a_rehearsal_where_none_was_run(project: Project) -> None:
    project.write(stories())

    assert (
        "run `ftrunner apply stories.yaml`" in project.run("output", "stories.yaml").expect(4).err
    )
    assert "rehearsed" not in project.run("status", "stories.yaml").expect(0).out
