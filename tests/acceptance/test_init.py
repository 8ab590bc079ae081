"""`ftrunner init` writes a spec that is right for each provider, and says what only you know."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ftrunner.document import schema
from ftrunner.engine.operations.first_spec import open_settings, settable
from ftrunner.providers import registry
from tests.kit.project import Project

ROOT = Path(__file__).parents[2]
VALUES = {
    "base_url": "https://models.example.com/v1",
    "model": "gpt-4o-mini-2024-07-18",
    "deployment.config": "projects/p-1/configs/c-1",
    "model_name": "greetings-by-hand",
}
BY_HAND = ("zhipu",)  # whose models a person deploys: `model_name` says how they are called


def settings(name: str) -> list[str]:
    """`--set` for all that the provider needs."""
    needed = [one.path for one in open_settings(registry.get(name), {})]
    needed += ["model_name"] if name in BY_HAND else []
    return [word for path in needed for word in ("--set", f"{path}={VALUES.get(path, 'mine-1')}")]


@pytest.mark.parametrize("name", registry.names())
def test_a_complete_spec_is_valid_and_rehearsed(project: Project, name: str) -> None:
    project.run("init", "--provider", name, *settings(name)).expect(0)

    project.run("validate", "finetune.yaml").expect(0)
    applied = project.run("apply", "finetune.yaml", "--mock").expect(0)

    assert "1 of 1 passed" in applied.out


@pytest.mark.parametrize(("name", "needed"), [("azure", ["deployment.resource"]), ("together", [])])
def test_a_model_that_you_deploy_needs_no_deployment(
    project: Project, name: str, needed: list[str]
) -> None:
    by_hand = ["--provider", name, "--set", "model_name=mine"]
    [document] = project.run("init", "a", *by_hand, "--json").expect(0).documents()
    given = [word for path in needed for word in ("--set", f"{path}=mine")]

    project.run("init", *by_hand, *given).expect(0)

    assert document["open"] == needed
    assert "1 of 1 passed" in project.run("apply", "finetune.yaml", "--mock").expect(0).out


@pytest.mark.parametrize("name", registry.names())
def test_validate_names_each_placeholder_once(project: Project, name: str) -> None:
    still_open = [one.path for one in open_settings(registry.get(name), {})]

    written = project.run("init", "--provider", name).expect(0)
    checked = project.run("validate", "finetune.yaml", "--json")
    [document] = checked.documents()

    found = [one for one in document["findings"] if one["code"] == "FT148"]
    assert [one["path"] for one in found] == still_open
    assert {one["severity"] for one in document["findings"]} - {"warning", "note"} == (
        {"error"} if still_open else set()
    )
    assert checked.code == (2 if still_open else 0)
    assert ("fill in: " + ", ".join(still_open) in written.err) == bool(still_open)


@pytest.mark.parametrize("name", ["azure", "generic"])
def test_a_rehearsal_stops_at_a_placeholder_as_a_real_run_does(project: Project, name: str) -> None:
    project.run("init", "--provider", name).expect(0)

    assert "FT148" in project.run("apply", "finetune.yaml", "--mock").expect(2).err


def spec_with(project: Project, *options: str) -> dict[str, Any]:
    project.run("init", *options).expect(0)
    spec: dict[str, Any] = yaml.safe_load(project.read("finetune.yaml"))
    return spec


@pytest.mark.parametrize(
    "value", ["12345", "true", "a: b # c", "'quoted'", "- x", "蓝鲸", "line\nbreak", "1e3", "a..."]
)
def test_texts_stay_texts(project: Project, value: str) -> None:
    options = ["--provider", "together", "--set", f"deployment.project={value}"]

    assert spec_with(project, *options)["deployment"]["project"] == value


def test_numbers_are_numbers(project: Project) -> None:
    options = ["--provider", "together", "--set", "deployment.replicas=2", "--set", "seed=7"]

    spec = spec_with(project, *options, "--set", "hyperparameters.learning_rate=0.00002")

    assert (spec["deployment"]["replicas"], spec["seed"]) == (2, 7)
    assert spec["hyperparameters"] == {"n_epochs": 3, "learning_rate": 0.00002}


def test_everything_that_can_be_set_is_written(project: Project) -> None:
    for name in registry.names():
        known = settable(registry.get(name))
        pairs = [word for path in known for word in ("--set", f"{path}=7")]

        project.run("init", name, "--provider", name, *pairs).expect(0)
        spec = yaml.safe_load(project.read(f"{name}/finetune.yaml"))

        for path in known:
            value: Any = spec
            for key in path.split("."):
                value = value[key]
            assert str(value) == "7", (name, path)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("deployment.projekt=x", "did you mean 'deployment.project'?"),
        ("dataset.train=x", "has no setting 'dataset.train'"),
        ("deployment.project", "is not NAME=VALUE"),
        ("deployment.project= ", "--set deployment.project= has no value"),
    ],
)
def test_a_setting_that_cannot_be_written_is_a_usage_error(
    project: Project, option: str, said: str
) -> None:
    refused = project.run("init", "--provider", "together", "--set", option).expect(2)

    assert said in refused.err
    assert list(project.folder.iterdir()) == []


def test_an_unknown_provider_is_named(project: Project) -> None:
    assert "togehter" in project.run("init", "--provider", "togehter").expect(2).err


def test_a_profile_of_your_own_is_known(project: Project) -> None:
    profile = {"extends": "openai", "name": "mine", "title": "Mine"}
    project.write({"p/mine.yaml": {**profile, "base_url": "https://{region}.example.com/v1"}})

    project.run("init", "--provider", "mine", "--profiles", "p").expect(0)

    assert yaml.safe_load(project.read("finetune.yaml"))["deployment"] == {"region": "<region>"}


def test_an_editor_finds_the_schema(project: Project) -> None:
    project.run("init", "new").expect(0)

    first = project.read("new/finetune.yaml").splitlines()[0]
    assert first == "# yaml-language-server: $schema=spec.schema.json"
    assert json.loads(project.read("new/spec.schema.json")) == schema.load("spec")


def test_programs_learn_what_is_open(project: Project) -> None:
    [document] = project.run("init", "--provider", "azure", "--json").expect(0).documents()

    assert document["files"] == ["finetune.yaml", "data/examples.jsonl", "spec.schema.json"]
    assert document["open"] == [
        "deployment.resource",
        "deployment.subscription",
        "deployment.resource_group",
    ]


def test_the_hooks_of_pre_commit_take_what_is_written(project: Project) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    patterns = {hook["id"]: hook["files"] for hook in hooks}
    [document] = project.run("init", "new", "--json").expect(0).documents()
    spec, data, of_editor = document["files"]

    assert re.search(patterns["ftrunner-validate"], spec)
    assert re.search(patterns["ftrunner-data"], data)
    assert not any(re.search(pattern, of_editor) for pattern in patterns.values())
