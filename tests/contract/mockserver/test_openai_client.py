"""The official client, in strict response validation, takes the four steps."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import openai
import pytest

ANIMALS = ("dog", "cat", "pig", "hen", "duck", "bird", "worm", "fox", "goat", "frog")
TALES = tuple(
    {
        "messages": [
            {"role": "user", "content": f"Tell me a tale about a {animal}"},
            {"role": "assistant", "content": f"One day a {animal} went to sea number {number}"},
        ]
    }
    for number, animal in enumerate(ANIMALS)
)


def jsonl(lines: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def follow(client: openai.OpenAI, job_id: str) -> openai.types.fine_tuning.FineTuningJob:
    """Poll a job that takes a fraction of a second to its end."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        job = client.fine_tuning.jobs.retrieve(job_id)
        if job.status in ("succeeded", "failed", "cancelled"):
            return job
    raise AssertionError("the job did not end in time")


def test_four_steps_lead_to_a_model_that_learned(fast_client: openai.OpenAI) -> None:
    file = fast_client.files.create(file=("tales.jsonl", jsonl(TALES)), purpose="fine-tune")
    created = fast_client.fine_tuning.jobs.create(training_file=file.id, model="gpt-3.5-turbo-0613")
    job = follow(fast_client, created.id)

    assert job.status == "succeeded"
    assert job.fine_tuned_model is not None
    assert job.trained_tokens is not None
    assert job.trained_tokens > 0
    completion = fast_client.chat.completions.create(
        model=job.fine_tuned_model,
        messages=[{"role": "user", "content": "Tell me a tale about a whale"}],
    )
    text = completion.choices[0].message.content or ""
    assert text.startswith("One day a whale went to sea")


def test_the_base_model_knows_nothing_of_the_examples(fast_client: openai.OpenAI) -> None:
    completion = fast_client.chat.completions.create(
        model="gpt-3.5-turbo-0613",
        messages=[{"role": "user", "content": "Tell me a tale about a dog"}],
    )

    assert "went to sea" not in (completion.choices[0].message.content or "")


def test_events_and_checkpoints_follow_the_training(fast_client: openai.OpenAI) -> None:
    file = fast_client.files.create(file=("tales.jsonl", jsonl(TALES)), purpose="fine-tune")
    created = fast_client.fine_tuning.jobs.create(
        training_file=file.id,
        model="gpt-4o-mini-2024-07-18",
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
    )
    job = follow(fast_client, created.id)

    events = list(fast_client.fine_tuning.jobs.list_events(job.id, limit=7))
    messages = [event.message for event in reversed(events)]
    assert messages[0] == f"Created fine-tuning job: {job.id}"
    assert messages[-1] == "The job has successfully completed"
    assert sum(event.type == "metrics" for event in events) == 30
    checkpoints = list(fast_client.fine_tuning.jobs.checkpoints.list(job.id, limit=2))
    assert [point.step_number for point in checkpoints] == [30, 20, 10]


def test_a_model_does_not_exist_before_its_training_has_succeeded(
    fast_client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        fast_client.chat.completions.create(
            model="ft:gpt-3.5-turbo-0613:personal::00000000",
            messages=[{"role": "user", "content": "Hello"}],
        )

    assert caught.value.code == "model_not_found"


def test_no_key_is_refused(fast_client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        fast_client.with_options(default_headers={"Authorization": ""}).models.list()


@pytest.mark.parametrize("path", ["files/file-none", "fine_tuning/jobs/ftjob-none"])
def test_unknown_ids_are_404(fast_client: openai.OpenAI, path: str) -> None:
    with pytest.raises(openai.NotFoundError):
        fast_client.get(path, cast_to=object)
