"""Test prompts are asked side by side, and no answer is paid for twice."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import SPEC, stories
from tests.kit.verdict import insist_on_clean_verdict

QUESTIONS = 120
PROMPT: dict[str, Any] = SPEC["tests"]["prompts"][0]


@pytest.fixture
def mock(provider: MockServer) -> FtMock:
    return FtMock(provider.origin)


def asking(provider: MockServer, repeat: int = QUESTIONS, **run: Any) -> dict[str, Any]:
    tests = {"run": {"concurrency": 16, **run}, "prompts": [{**PROMPT, "repeat": repeat}]}
    return stories(base_url=provider.base_url, tests=tests)


def asked(mock: FtMock) -> int:
    """How many chats the provider answered with 200."""
    chats = [r for r in mock.requests if r["path"].endswith("/chat/completions")]
    return sum(chat["status"] == 200 for chat in chats)


def stored(project: Project) -> list[Path]:
    return list((project.folder / ".ftrunner" / "answers").rglob("*.jsonl"))


@pytest.mark.process("a signal stops it")
def test_a_killed_test_goes_on_where_it_was(
    project: Project, provider: MockServer, mock: FtMock
) -> None:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    before = asked(mock)
    project.write(asking(provider))
    mock.fault({"delay": 0.05}, method="POST", path="/chat/completions", times=QUESTIONS)

    with project.start("test", "stories.yaml") as process:
        _wait_for_answers(project, QUESTIONS // 2)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    killed_at = asked(mock)
    shown = {
        name: project.run(name, "stories.yaml").expect(0).out for name in ("status", "history")
    }
    report = project.run("report", "stories.yaml", "--format", "md", "-o", "-").expect(0).out
    project.run("test", "stories.yaml").expect(0)
    done = asked(mock)
    project.run("test", "stories.yaml").expect(0)

    assert all("ended before it was done" in text for text in shown.values())
    assert "The last run has not ended" in report
    assert "ended" not in project.run("status", "stories.yaml").expect(0).out
    assert killed_at - before < QUESTIONS
    assert done - before <= QUESTIONS + 16
    assert asked(mock) == done
    insist_on_clean_verdict(provider)


def _wait_for_answers(project: Project, number: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        [path, *_] = [*stored(project), project.folder / "none yet"]
        if path.exists() and path.read_bytes().count(b"\n") > number:
            return
        time.sleep(0.02)
    raise AssertionError("the answers never came")


def test_other_expectations_are_judged_without_a_request(
    project: Project, provider: MockServer, mock: FtMock
) -> None:
    project.write(asking(provider, repeat=5))
    project.run("apply", "stories.yaml").expect(0)
    before = asked(mock)

    project.edit("stories.yaml", '"蓝鲸"', '"小狗"')
    failed = project.run("test", "stories.yaml", "--regrade").expect(5)
    project.edit("stories.yaml", '"小狗"', '"鲸"')
    project.run("apply", "stories.yaml").expect(0)

    assert "0 of 1 passed" in failed.out
    assert asked(mock) == before


def test_regrading_what_is_not_stored_says_what_is_missing(
    project: Project, provider: MockServer
) -> None:
    project.write(asking(provider, repeat=2))
    project.run("apply", "stories.yaml").expect(0)
    project.write(asking(provider, repeat=3))

    refused = project.run("test", "stories.yaml", "--regrade").expect(1)

    assert "error[FT502]: " in refused.err
    assert "ftrunner test stories.yaml" in refused.err


def test_asking_again_asks_for_all(project: Project, provider: MockServer, mock: FtMock) -> None:
    project.write(asking(provider, repeat=4))
    project.run("apply", "stories.yaml").expect(0)
    before = asked(mock)

    project.run("test", "stories.yaml", "--ask-again").expect(0)
    both = project.run("test", "stories.yaml", "--ask-again", "--regrade").expect(2)

    assert asked(mock) == before + 4
    assert "exclude each other" in both.err


def test_a_rehearsal_has_its_own_answers_and_a_scenario_none(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.run("apply", "stories.yaml", "--scenario", "tuned-model-404-for-30s").expect(0)

    rehearsal = project.folder / ".ftrunner" / "rehearsal" / "stories" / "openai" / "answers"
    assert [path.parent.name for path in rehearsal.rglob("*.jsonl")] == ["rehearsal"]
    assert stored(project) == []
    assert not list(project.folder.rglob("openai@*/answers"))


@pytest.mark.process("its workers wait in real time")
def test_all_workers_wait_where_the_provider_asks_for_it(
    project: Project, provider: MockServer, mock: FtMock
) -> None:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    animals = [{**PROMPT, "name": f"whale {n}", "user": f"{PROMPT['user']} {n}"} for n in range(60)]
    lax = [{**animal, "expect": [{"min_chars": 1}]} for animal in animals]
    tests = {"run": {"concurrency": 16}, "prompts": lax}
    project.write(stories(base_url=provider.base_url, tests=tests))
    refusal = {"status": 429, "retry_after": 1}
    mock.fault(refusal, method="POST", path="/chat/completions", times=8)

    project.run_process("test", "stories.yaml").expect(0)

    assert asked(mock) == 61
    insist_on_clean_verdict(provider)
