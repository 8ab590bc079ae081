"""The official `AzureOpenAI` class, unmodified, against the azure dialect."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import openai
import pytest
import requests

from mockserver.server import MockServer, Settings

MODEL = "gpt-4o-mini-2024-07-18"
ANIMALS = ("dog", "cat", "pig", "hen", "duck", "bird", "worm", "fox", "goat", "frog")
LINES = "".join(
    json.dumps(
        {
            "messages": [
                {"role": "user", "content": f"Tell me a tale about a {animal}"},
                {"role": "assistant", "content": f"One day a {animal} went to sea"},
            ]
        }
    )
    + "\n"
    for animal in ANIMALS
).encode()
ARM = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
    "/deployments/tales?api-version=2024-10-21"
)


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(speed=2000, seed=1, dialect="azure")) as running:
        yield running


@pytest.fixture
def client(server: MockServer) -> Iterator[openai.AzureOpenAI]:
    with openai.AzureOpenAI(
        azure_endpoint=server.origin,
        api_version="2025-04-01-preview",
        api_key="azure-key",
        max_retries=0,
        timeout=10,
    ) as opened:
        yield opened


def _finished(client: openai.AzureOpenAI, **more: object) -> openai.types.fine_tuning.FineTuningJob:
    file = client.files.create(file=("tales.jsonl", LINES), purpose="fine-tune")
    created = client.fine_tuning.jobs.create(training_file=file.id, model=MODEL, extra_body=more)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        job = client.fine_tuning.jobs.retrieve(created.id)
        if job.status in ("succeeded", "failed", "cancelled"):
            return job
        time.sleep(0.02)
    raise AssertionError("the job did not end in time")


def test_upload_job_poll_and_events(client: openai.AzureOpenAI) -> None:
    job = _finished(client, trainingType="globalstandard")
    assert job.status == "succeeded"
    assert job.model == MODEL
    assert str(job.fine_tuned_model).startswith(f"{MODEL}.ft-")
    events = list(client.fine_tuning.jobs.list_events(job.id))
    assert events[0].message == "The job has successfully completed"
    assert list(client.fine_tuning.jobs.checkpoints.list(job.id))


def test_a_new_job_is_pending_and_its_lists_are_null(server: MockServer) -> None:
    headers = {"api-key": "azure-key"}
    sent = requests.post(
        f"{server.base_url}/files",
        headers=headers,
        files={"file": ("t.jsonl", LINES)},
        data={"purpose": "fine-tune"},
        timeout=10,
    ).json()
    body = {"model": MODEL, "training_file": sent["id"]}
    job = requests.post(
        f"{server.base_url}/fine_tuning/jobs", headers=headers, json=body, timeout=10
    ).json()
    assert (job["status"], job["result_files"], job["organization_id"]) == ("pending", None, None)


def test_a_tuned_model_answers_by_its_deployment_s_name_and_not_before(
    client: openai.AzureOpenAI, server: MockServer
) -> None:
    job = _finished(client)
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        _asked(client)
    model = {"format": "OpenAI", "name": job.fine_tuned_model, "version": "1"}
    body = {"sku": {"name": "standard", "capacity": 1}, "properties": {"model": model}}
    url = f"{server.origin}{ARM}"
    assert requests.put(url, json=body, headers={"api-key": "k"}, timeout=10).status_code == 401
    token = {"Authorization": "Bearer entra-token"}
    assert requests.put(url, json=body, headers=token, timeout=10).status_code == 201
    deadline = time.monotonic() + 10
    while requests.get(url, headers=token, timeout=10).json()["properties"][
        "provisioningState"
    ] != "Succeeded":  # fmt: skip
        assert time.monotonic() < deadline
    assert str(_asked(client)).startswith("One day a whale")
    requests.delete(url, headers=token, timeout=10)
    with pytest.raises(openai.NotFoundError):
        _asked(client)


def _asked(client: openai.AzureOpenAI, model: str = "tales") -> str | None:
    answer = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Tell me a tale about a whale"}]
    )
    return answer.choices[0].message.content


def test_a_wrong_training_type_and_a_wrong_suffix_are_refused(client: openai.AzureOpenAI) -> None:
    file = client.files.create(file=("tales.jsonl", LINES), purpose="fine-tune")
    for more in ({"trainingType": "cheap"}, {"suffix": "with space"}):
        with pytest.raises(openai.BadRequestError):
            client.fine_tuning.jobs.create(training_file=file.id, model=MODEL, extra_body=more)


def test_a_bearer_key_is_not_azure_s_header(server: MockServer) -> None:
    refused = requests.get(
        f"{server.base_url}/files", headers={"Authorization": "Bearer k"}, timeout=10
    )
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "401"


def _deployed(server: MockServer, name: str, model: str) -> None:
    url = f"{server.origin}{ARM}".replace("/tales?", f"/{name}?")
    token = {"Authorization": "Bearer entra-token"}
    about = {"format": "OpenAI", "name": model, "version": "1"}
    body = {"sku": {"name": "standard", "capacity": 1}, "properties": {"model": about}}
    assert requests.put(url, json=body, headers=token, timeout=10).status_code == 201
    deadline = time.monotonic() + 10
    while requests.get(url, headers=token, timeout=10).json()["properties"][
        "provisioningState"
    ] != "Succeeded":  # fmt: skip
        assert time.monotonic() < deadline


def test_checkpoints_are_named_as_azure_names_them_and_can_be_deployed(
    client: openai.AzureOpenAI, server: MockServer
) -> None:
    job = _finished(client, hyperparameters={"n_epochs": 4})

    points = list(client.fine_tuning.jobs.checkpoints.list(job.id))
    assert [point.fine_tuned_model_checkpoint for point in points] == [
        job.fine_tuned_model,
        f"{job.fine_tuned_model}:ckpt-step-30",
        f"{job.fine_tuned_model}:ckpt-step-20",
    ]
    assert all(re.fullmatch(r"ftchkpt-[0-9a-f]{32}", point.id) for point in points)
    named = points[2].fine_tuned_model_checkpoint
    for name, model in (("by-id", points[1].id), ("by-name", named)):
        _deployed(server, name, model)
        assert _asked(client, name)


def test_results_are_a_plain_csv(client: openai.AzureOpenAI) -> None:
    job = _finished(client)

    content = client.files.content(job.result_files[0]).content

    assert content.startswith(b"step,train_loss,")


def test_a_base_model_answers_at_a_deployment_and_not_before(
    client: openai.AzureOpenAI, server: MockServer
) -> None:
    with pytest.raises(openai.NotFoundError):
        _asked(client, MODEL)
    _deployed(server, "base", MODEL)

    assert not str(_asked(client, "base")).startswith("One day")
    assert _asked(client, "mock-judge")
