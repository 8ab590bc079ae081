"""Did it help? The tuned model against its base model, or against another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import ANIMALS, stories


def story_tests() -> dict[str, Any]:
    prompts = [
        {
            "name": f"animal {number}",
            "user": f"给我讲一个关于{animal}的故事",
            "expect": [{"starts_with": "一天"}, {"contains": animal}],
        }
        for number, animal in enumerate(ANIMALS)
    ]
    return {"prompts": prompts}


def heldout(folder: Path) -> dict[str, Any]:
    """A set that asks for the same stories in other words than the training data."""
    rows = [f"请给我讲一个关于{animal}的故事,{animal}" for animal in ANIMALS]
    (folder / "heldout.csv").write_text("\n".join(["user,answer", *rows]), encoding="utf-8")
    expect = [{"starts_with": "一天"}, {"contains": "{{item.answer}}"}]
    return {"sets": {"animals": {"file": "heldout.csv", "expect": expect}}}


@pytest.fixture
def trained(project: Project, provider: MockServer) -> Project:
    project.write(stories(base_url=provider.base_url, tests=story_tests()))
    project.run("apply", "stories.yaml").expect(0)
    return project


def chats(provider: MockServer) -> int:
    requests = FtMock(provider.origin).requests
    return sum(request["path"].endswith("/chat/completions") for request in requests)


def test_better_than_the_base_model_and_how_sure(trained: Project, provider: MockServer) -> None:
    compared = trained.run("compare", "stories.yaml", "--against", "base").expect(0)
    asked = chats(provider)
    (document,) = (
        trained.run("compare", "stories.yaml", "--against", "base", "--json").expect(0).documents()
    )

    assert "tuned is better than base by 100.0 points" in compared.out
    assert "10 better, 0 worse of 10 prompts" in compared.out
    assert "at 95 %" in compared.out
    assert chats(provider) == asked  # every answer was stored
    assert document["comparison"]["word"] == "better"
    assert document["comparison"]["effect"] == 1
    assert 0 < document["comparison"]["interval"]["low"] < 1
    assert [side["name"] for side in document["sides"]] == ["tuned", "base"]


def test_a_few_prompts_are_not_enough_evidence(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    compared = project.run("compare", "stories.yaml", "--against", "base", "--mock").expect(0)

    assert "not enough evidence: an interval needs 3 prompts, and there is 1" in compared.out


def test_a_model_by_its_name(trained: Project) -> None:
    compared = trained.run("compare", "stories.yaml", "--against", "gpt-4.1-mini").expect(0)

    assert "tuned is better than gpt-4.1-mini" in compared.out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--against", "current"], 4, "FT421"),
        ([], 2, "give one of"),
        (["--against", "base", "--between", "openai", "generic"], 2, "give one of"),
        (["--against", "no-such-model"], 1, "FT501"),
    ],
)
def test_what_cannot_be_compared(
    trained: Project, options: list[str], code: int, said: str
) -> None:
    refused = trained.run("compare", "stories.yaml", *options).expect(code)

    assert said in refused.err


def test_test_sets_are_compared_too(project: Project) -> None:
    project.write(stories(tests=heldout(project.folder)))
    project.run("apply", "stories.yaml", "--mock").expect(0)

    compared = project.run("compare", "stories.yaml", "--mock", "--against", "base").expect(0)
    (document,) = (
        project.run("compare", "stories.yaml", "--mock", "--against", "base", "--json")
        .expect(0)
        .documents()
    )

    assert "animals  10 rows" in compared.out
    assert "10 better, 0 worse of 10 rows" in compared.out
    (found,) = document["sets"]
    assert [(model["who"], model["passed"]) for model in found["models"]] == [
        ("tuned", 10),
        ("base", 0),
    ]
    assert found["comparisons"][0]["word"] == "better"


def test_before_there_is_a_model(project: Project) -> None:
    project.write(stories())

    refused = project.run("compare", "stories.yaml", "--against", "base").expect(4)

    assert "apply stories.yaml" in refused.err
