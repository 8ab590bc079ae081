"""One spec, several homes: four steps and a clean verdict against the mock in each dialect.

Kills and lost answers on the way are in tests/crash/test_homes.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mockserver.server import MockServer, Settings
from tests.kit.homes import HOMES, KEYS, at_home, walkthrough
from tests.kit.project import Project

SERVED = ("azure", "nebius", "together")
BY_HAND = ("zhipu",)
SPEED = 300


@pytest.fixture
def homes(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """The mock in the dialect that the test is about; OpenAI's for `generic`."""
    dialect = request.node.callspec.params["name"]
    spoken = "openai" if dialect == "generic" else dialect
    with MockServer(Settings(speed=SPEED, dialect=spoken)) as server:
        yield server


def _apply(project: Project, server: MockServer, name: str, *more: str) -> Any:
    arguments = ("apply", "stories.yaml", "--provider", name, "--base-url", server.base_url)
    return project.run(*arguments, *more, **KEYS)


def _verdict(server: MockServer) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{server.origin}/_mock/verdict", timeout=10).json()
    return found


def _jobs(server: MockServer) -> list[Any]:
    found: list[Any] = requests.get(f"{server.origin}/_mock/state", timeout=10).json()["jobs"]
    return found


@pytest.mark.parametrize("name", HOMES)
def test_the_walkthrough_s_four_steps_lead_to_a_tested_model(
    project: Project, homes: MockServer, name: str
) -> None:
    project.write(walkthrough(homes.origin))

    if name in BY_HAND:
        stopped = _apply(project, homes, name).expect(1)
        assert "FT375" in stopped.err
        _deploy_in_the_console(project, homes, name, stopped.err)
    first = _apply(project, homes, name).expect(0)
    second = _apply(project, homes, name).expect(0)

    assert "1 of 1 passed" in first.out
    assert "Nothing to do" in second.out
    assert len(_jobs(homes)) == 1
    verdict = _verdict(homes)
    assert verdict["clean"], verdict["findings"]


def _deploy_in_the_console(project: Project, homes: MockServer, name: str, printed: str) -> None:
    """What a person does between two runs, as the first one says."""
    (model,) = re.findall(r"deploy (\S+) in the console", printed)
    answer = requests.post(
        f"{homes.origin}/_mock/console/deployments",
        json={"model": model},
        headers={"Authorization": "Bearer console"},
        timeout=10,
    )
    spec = json.loads(project.read("stories.yaml"))
    spec["providers"][name]["model_name"] = answer.json()["name"]
    project.write({"stories.yaml": spec})


@pytest.mark.parametrize("name", ["azure", "together"])
def test_destroy_removes_what_bills(project: Project, homes: MockServer, name: str) -> None:
    project.write(at_home(homes.origin))
    _apply(project, homes, name).expect(0)
    where = ("--provider", name, "--base-url", homes.base_url)

    printed = project.run("status", "stories.yaml", *where, **KEYS).expect(0).out
    before = project.read("stories.lock.json")
    forgotten = project.run("forget", "stories.yaml", *where).expect(0)
    project.write({"stories.lock.json": before})
    gone = project.run("destroy", "stories.yaml", "--yes", *where, **KEYS).expect(0).out

    assert "ftrunner will no longer know about it" in forgotten.out
    assert "created     deployment" in printed
    assert "billed by the hour until it is" in printed
    assert "deleted deployment" in gone
    assert project.lock()["endpoints"] == {}


@pytest.mark.parametrize("name", [*SERVED, "llmariner"])
def test_a_rehearsal_speaks_the_provider_s_dialect_and_needs_no_key(
    project: Project, name: str
) -> None:
    project.write(at_home("http://127.0.0.1:9"))

    done = project.run("apply", "stories.yaml", "--provider", name, "--mock").expect(0)

    assert "1 of 1 passed" in done.out


@pytest.mark.parametrize("name", ["azure"])
def test_without_a_word_on_deployment_nothing_is_sent(
    project: Project, homes: MockServer, name: str
) -> None:
    files = at_home(homes.origin)
    del files["stories.yaml"]["providers"]["azure"]
    project.write(files)

    stopped = _apply(project, homes, name).expect(2)

    assert "deployment: {resource: …, subscription: …, resource_group: …}" in stopped.err
    assert "model_name:" in stopped.err
    assert _jobs(homes) == []


@pytest.mark.parametrize("name", ["azure"])
def test_a_deployment_takes_its_own_token(project: Project, homes: MockServer, name: str) -> None:
    project.write(at_home(homes.origin))
    keys = {key: value for key, value in KEYS.items() if key != "AZURE_MANAGEMENT_TOKEN"}
    arguments = ("apply", "stories.yaml", "--provider", name, "--base-url", homes.base_url)

    stopped = project.run(*arguments, **keys).expect(2)

    assert "AZURE_MANAGEMENT_TOKEN is not set" in stopped.err
    assert _jobs(homes) == []
    assert "1 of 1 passed" in _apply(project, homes, name).expect(0).out
