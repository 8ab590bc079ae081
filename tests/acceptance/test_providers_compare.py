"""One spec live at two providers, and their answers side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mockserver.server import MockServer, Settings
from tests.kit.homes import KEYS, OPEN_MODEL
from tests.kit.project import Project
from tests.kit.stories import stories


@pytest.fixture
def nebius() -> Iterator[MockServer]:
    with MockServer(Settings(speed=3000, dialect="nebius")) as server:
        yield server


def test_a_spec_lives_at_two_providers_and_both_are_asked(
    project: Project, provider: MockServer, nebius: MockServer
) -> None:
    home = {"base_url": provider.base_url}
    away = {"base_url": nebius.base_url, "model": OPEN_MODEL}
    project.write(stories(providers={"openai": home, "nebius": away}))
    for name in ("openai", "nebius"):
        project.run("apply", "stories.yaml", "--provider", name, **KEYS).expect(0)

    arguments = ("compare", "stories.yaml", "--between", "openai", "nebius")
    printed = project.run(*arguments, **KEYS).expect(0)
    (document,) = project.run(*arguments, "--json", **KEYS).expect(0).documents()

    assert set(project.lock()["endpoints"]) == {provider.base_url, nebius.base_url}
    assert printed.out.count("✓ 一天") == 2
    assert "nebius  1 of 1 passed" in printed.out
    assert [side["provider"] for side in document["sides"]] == ["openai", "nebius"]


def test_a_failed_expectation_and_a_missing_model_are_told_apart(
    project: Project, provider: MockServer, nebius: MockServer
) -> None:
    home = {"base_url": provider.base_url}
    away = {"base_url": nebius.base_url, "model": OPEN_MODEL}
    project.write(stories(providers={"openai": home, "nebius": away}))
    project.run("apply", "stories.yaml", "--provider", "openai", **KEYS).expect(0)
    arguments = ("compare", "stories.yaml", "--between", "openai", "nebius")

    missing = project.run(*arguments, **KEYS).expect(4)
    spec = json.loads(project.read("stories.yaml"))
    spec["tests"]["prompts"][0]["expect"] = [{"equals": "不"}]
    project.write({"stories.yaml": spec})
    failed = project.run("compare", "stories.yaml", "--between", "openai", "openai", **KEYS).expect(
        5
    )

    assert "apply stories.yaml --provider nebius" in missing.err
    assert "equals 不" in failed.out


def test_a_name_that_is_misspelt_is_reported_before_a_missing_model(project: Project) -> None:
    project.write(stories())

    refused = project.run("compare", "stories.yaml", "--between", "openai", "nebiuss").expect(2)

    assert "FT330" in refused.err
    assert "did you mean 'nebius'?" in refused.err


def test_the_base_model_in_place_of_a_provider_is_explained(project: Project) -> None:
    project.write(stories())

    refused = project.run("compare", "stories.yaml", "--between", "openai", "base").expect(2)

    assert "FT330" in refused.err
    assert "`--against base`" in refused.err


@pytest.mark.parametrize(("option", "code"), [([], "FT323"), (["--insecure-http"], "FT410")])
def test_a_plain_address_is_taken_where_it_is_allowed(
    project: Project, option: list[str], code: str
) -> None:
    far = {name: {"base_url": "http://models.example/v1"} for name in ("openai", "generic")}
    project.write(stories(providers=far))

    outcome = project.run("compare", "stories.yaml", "--between", "openai", "generic", *option)

    assert code in outcome.err
