"""One spec at several endpoints: each has its own record."""

from __future__ import annotations

import json
import subprocess

import pytest

from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import stories


@pytest.mark.process("the mock provider as people start it")
def test_a_separate_mock_server_does_the_same(project: Project) -> None:
    project.write(stories())
    with project.start("mock", "--port", "0", "--speed", "3000", "--json") as server:
        url = json.loads(_line(server))["base_url"]
        first = project.run("apply", "stories.yaml", "--base-url", url).expect(0)
        second = project.run("apply", "stories.yaml", "--base-url", url).expect(0)

    assert "1 of 1 passed" in first.out
    assert "Nothing to do" in second.out
    assert list(project.lock()["endpoints"]) == [url]


@pytest.mark.process("the mock provider as people start it")
def test_other_endpoints_records_are_left_alone(project: Project, provider: MockServer) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--base-url", provider.base_url).expect(0)
    before = project.lock()["endpoints"][provider.base_url]

    with project.start("mock", "--port", "0", "--speed", "3000", "--json") as server:
        other = json.loads(_line(server))["base_url"]
        project.run("apply", "stories.yaml", "--base-url", other).expect(0)

    after = project.lock()["endpoints"]
    assert after[provider.base_url] == before
    assert set(after) == {provider.base_url, other}


def test_the_key_is_in_nothing_that_is_left_behind(project: Project, provider: MockServer) -> None:
    project.write(stories())
    outcome = project.run("apply", "stories.yaml", "--base-url", provider.base_url).expect(0)

    key = project.environment["OPENAI_API_KEY"]
    left = [path for path in project.folder.rglob("*") if path.is_file()]
    assert any(path.name == "requests.jsonl" for path in left)
    assert [path for path in left if key.encode() in path.read_bytes()] == []
    assert key not in outcome.out + outcome.err


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()
