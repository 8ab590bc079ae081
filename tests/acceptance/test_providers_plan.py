"""`plan --provider` from the OpenAI spec: every difference is listed, without a key."""

from __future__ import annotations

import json
import os

import pytest

from tests.kit.homes import at_home
from tests.kit.project import Project, finish
from tests.kit.stories import SPEC, stories

WRITTEN = {
    "seed": 42,
    "suffix": "stories",
    "metadata": {"team": "a"},
    "hyperparameters": {"n_epochs": "auto", "learning_rate_multiplier": 1.8},
}
NO_METADATA = (
    "note       this provider stores no metadata; after a lost response the job is recognised by "
    "file, model and settings"
)
OWN_MODEL = "translated model gpt-4o-mini-2024-07-18 → meta-llama/Llama-3.1-8B-Instruct"
EXPECTED = {
    "azure": [
        "carried    method supervised",
        "carried    model gpt-4o-mini-2024-07-18",
        "carried    suffix stories",
        "carried    seed 42",
        "carried    metadata {team}",
        "carried    hyperparameters.n_epochs auto",
        "carried    hyperparameters.learning_rate_multiplier 1.8",
        "translated deployment {} → {management_url, resource, resource_group, subscription} "
        "(said by providers.azure)",
        "note       the tuned model answers after a deployment, billed by the hour until it is "
        "deleted, even when idle: about $1.70 an hour",
    ],
    "nebius": [
        "carried    method supervised",
        "carried    suffix stories",
        "carried    seed 42",
        f"{OWN_MODEL} (said by providers.nebius)",
        "translated hyperparameters.n_epochs auto → nothing (left out: Nebius Token Factory takes "
        'no "auto"; its default is 3)',
        "translated hyperparameters.learning_rate_multiplier 1.8 → learning_rate 1.8e-05 (the "
        "multiplier times 1e-05, which is the learning rate Nebius takes by default)",
        "translated hyperparameters.lora → lora true (said by providers.nebius)",
        "lost       metadata {team} (Nebius Token Factory takes no metadata: the job does not "
        "carry it)",
        "note       the tuned model answers after a model is created",
        NO_METADATA,
    ],
    "together": [
        "carried    method supervised",
        "carried    suffix stories",
        "carried    seed 42",
        f"{OWN_MODEL} (said by providers.together)",
        "translated deployment {} → {config, project} (said by providers.together)",
        "translated hyperparameters.n_epochs auto → nothing (left out: Together AI takes no "
        '"auto"; its default is 1)',
        "translated hyperparameters.learning_rate_multiplier 1.8 → learning_rate 1.8e-05 (the "
        "multiplier times 1e-05, which is the learning rate Together takes by default)",
        "lost       metadata {team} (Together AI takes no metadata: the job does not carry it)",
        "note       the tuned model answers after a deployment, billed by the hour until it is "
        "idle for 60 minutes (`deployment.inactive_timeout`)",
        NO_METADATA,
    ],
    "llmariner": [
        "carried    method supervised",
        "carried    suffix stories",
        "carried    seed 42",
        "carried    metadata {team}",
        "carried    hyperparameters.learning_rate_multiplier 1.8",
        "translated model gpt-4o-mini-2024-07-18 → google-gemma-2b-it (said by "
        "providers.llmariner)",
        "translated hyperparameters.n_epochs auto → nothing (left out: LLMariner takes no "
        '"auto"; its default is its own)',
        NO_METADATA,
    ],
    "zhipu": [
        "carried    method supervised",
        "carried    suffix stories",
        "carried    hyperparameters.n_epochs auto",
        "carried    hyperparameters.learning_rate_multiplier 1.8",
        "translated model gpt-4o-mini-2024-07-18 → glm-4-flash (said by providers.zhipu)",
        "lost       seed 42 (Zhipu BigModel takes no seed: two runs with the same inputs may "
        "differ more)",
        "lost       metadata {team} (Zhipu BigModel takes no metadata: the job does not carry it)",
        "note       the tuned model answers after you deploy it yourself",
        NO_METADATA,
    ],
    "generic": [
        "carried    method supervised",
        "carried    model gpt-4o-mini-2024-07-18",
        "carried    suffix stories",
        "carried    seed 42",
        "carried    metadata {team}",
        "carried    hyperparameters.n_epochs auto",
        "carried    hyperparameters.learning_rate_multiplier 1.8",
        "translated api_key_env → OPENAI_API_KEY (said by providers.generic)",
    ],
}
OUTCOMES = ("carried", "translated", "lost", "refused", "note")
LOST = {"nebius": ["metadata"], "together": ["metadata"], "zhipu": ["seed", "metadata"]}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_difference_is_listed_without_a_key(project: Project, name: str) -> None:
    project.write(at_home("https://management.azure.com", **WRITTEN, allow_loss=LOST.get(name, [])))

    where = () if name in ("azure", "nebius", "together", "zhipu") else (
        "--base-url", "https://llm.example.com/v1",
    )  # fmt: skip
    printed = project.run("plan", "stories.yaml", "--provider", name, *where, OPENAI_API_KEY="")

    printed.expect(0)
    differences = [line[2:] for line in printed.out.splitlines() if line[2:].startswith(OUTCOMES)]
    assert sorted(differences) == sorted(EXPECTED[name])
    assert "3 train    run: no job yet" in printed.out


@pytest.mark.parametrize(("name", "epochs"), [("together", 1), ("nebius", 3)])
def test_the_estimate_takes_the_provider_s_own_number_of_epochs(
    project: Project, name: str, epochs: int
) -> None:
    files = at_home("https://management.azure.com")
    del files["stories.yaml"]["hyperparameters"]
    project.write(files)

    printed = project.run("plan", "stories.yaml", "--provider", name).expect(0).out

    assert f"Estimate: 10 examples × {epochs} epoch" in printed


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


@pytest.mark.parametrize(
    ("provider", "block"),
    [
        (
            "azure",
            "providers: {azure: {deployment: {resource: …, subscription: …, resource_group: …}}}",
        ),
        ("llmariner", "providers: {llmariner: {base_url: https://…}}"),
        ("generic", "providers: {generic: {base_url: https://…}}"),
    ],
)
def test_a_provider_without_an_address_is_a_block_to_paste_below_what_is_carried(
    project: Project, provider: str, block: str
) -> None:
    project.write(stories())
    spec = {**SPEC, "suffix": "stories"}
    project.write({"stories.yaml": "".join(f"{k}: {json.dumps(v)}\n" for k, v in spec.items())})

    refused = project.run("plan", "stories.yaml", "--provider", provider).expect(2)
    filled = block.replace("https://…", "https://tuning.example/v1").replace("…", "mine")
    project.write({"stories.yaml": f"{project.read('stories.yaml')}{filled}\n"})

    assert "carried    method supervised" in refused.out
    assert f"hint: add `{block}`, or pass --base-url" in refused.err
    assert "3 | provider: " in refused.err
    project.run("plan", "stories.yaml", "--provider", provider).expect(0)


@pytest.mark.process("its stdout is a terminal")
def test_a_terminal_breaks_long_lines_between_words(project: Project) -> None:
    azure = {"base_url": "https://mine.openai.azure.com/v1", "model_name": "tales"}
    project.write(stories(providers={"azure": azure}))
    arguments = ("plan", "stories.yaml", "--provider", "azure")
    terminal, shown = os.openpty()

    piped = project.run(*arguments).expect(0).out
    with project.start(*arguments, stdout=shown, COLUMNS="40") as process:
        finish(process, arguments).expect(0)
    os.close(shown)
    with os.fdopen(terminal, "rb") as screen:
        printed = screen.read1(65_536).decode()

    assert printed.split() == piped.split()
    assert max(map(len, piped.splitlines())) > 40
    assert [line for line in printed.splitlines() if len(line) > 40 and len(line.split()) > 1] == []
