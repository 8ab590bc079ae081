"""`plan --provider` from the OpenAI spec: every difference is listed, without a key."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.homes import at_home
from tests.kit.project import Project

WRITTEN = {
    "seed": 42,
    "suffix": "stories",
    "metadata": {"team": "a"},
    "hyperparameters": {"n_epochs": "auto", "learning_rate_multiplier": 1.8},
}
EXPECTED = {
    "azure": [
        "carried    model gpt-4o-mini-2024-07-18",
        "carried    hyperparameters.n_epochs auto",
        "translated deployment",
        "billed while it stands, idle or not: about $1.70 an hour",
    ],
    "nebius": [
        "translated model gpt-4o-mini-2024-07-18 → meta-llama/Llama-3.1-8B-Instruct",
        "translated hyperparameters.n_epochs auto → nothing",
        "translated hyperparameters.learning_rate_multiplier 1.8 → learning_rate 1.8e-05",
        "carried    seed 42",
        "lost       metadata {team}",
    ],
    "together": [
        'takes no "auto"; its default is 1',
        "learning_rate 1.8e-05",
        "lost       metadata {team}",
        "after a deployment, billed while it stands",
    ],
    "llmariner": [
        "translated hyperparameters.n_epochs auto → nothing",
        "carried    metadata {team}",
        "jobs keep no metadata",
    ],
    "zhipu": [
        "carried    hyperparameters.n_epochs auto",
        "lost       seed 42",
        "lost       metadata {team}",
        "after steps of your own",
    ],
    "generic": ["carried    seed 42", "carried    hyperparameters.learning_rate_multiplier 1.8"],
}
LOST = {"nebius": ["metadata"], "together": ["metadata"], "zhipu": ["seed", "metadata"]}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_difference_is_listed_without_a_key(project: Project, name: str) -> None:
    project.write(at_home("https://management.azure.com", **WRITTEN, allow_loss=LOST.get(name, [])))

    where = () if name in ("azure", "nebius", "together", "zhipu") else (
        "--base-url", "https://llm.example.com/v1",
    )  # fmt: skip
    told = project.run("plan", "stories.yaml", "--provider", name, *where, OPENAI_API_KEY="")

    told.expect(0)
    assert [line for line in EXPECTED[name] if line not in told.out] == []
    assert "3 train    run: no job yet" in told.out


@pytest.mark.parametrize("name", LOST)
def test_a_loss_that_the_spec_does_not_allow_stops_everything(project: Project, name: str) -> None:
    project.write(at_home("https://management.azure.com", **WRITTEN))

    refused = project.run("plan", "stories.yaml", "--provider", name).expect(2)

    assert all(f"FT371: {field} would be lost" in refused.err for field in LOST[name])
    assert "allow_loss" in refused.err
    assert "lost       metadata {team}" in refused.out


def test_a_model_of_another_provider_is_refused_before_anything_is_sent(project: Project) -> None:
    files = at_home("https://management.azure.com")
    del files["stories.yaml"]["providers"]["nebius"]
    project.write(files)

    refused = project.run("apply", "stories.yaml", "--provider", "nebius").expect(2)

    assert "FT372" in refused.err
    assert "providers: {nebius: {model: meta-llama/Llama-3.1-8B-Instruct}}" in refused.err


def test_the_data_is_checked_under_the_provider_s_dialect(project: Project) -> None:
    turns = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "assistant", "content": "c"},
    ]
    lines = "".join(f'{{"messages": {json.dumps(turns)}}}\n' for _ in range(10))
    project.write({**at_home("https://management.azure.com"), "data.jsonl": lines})

    refused = project.run("plan", "stories.yaml", "--provider", "azure").expect(2)
    allowed = project.run("plan", "stories.yaml").expect(0)

    assert "data.jsonl:1 messages[2]: error FT234" in refused.err
    assert "error FT234" not in allowed.out + allowed.err
