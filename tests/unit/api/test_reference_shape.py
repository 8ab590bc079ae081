"""Answers of several shapes become the one that the runner reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ftrunner.api.client import Client
from ftrunner.api.fields import MissingField
from ftrunner.api.wire import Job
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState, Profile
from ftrunner.providers.wire_mapping import AnswerForm
from tests.unit.api.fakes import ScriptedTransport, answer, client

TOGETHER_JOB = {
    "id": "ft-1",
    "status": "completed",
    "created_at": "2026-11-22T15:00:00Z",
    "model": "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference",
    "model_output_name": "me/Meta-Llama-3.1-8B-Instruct-Reference-stories-1a2b",
    "training_file": "file-7",
    "n_epochs": 3,
    "batch_size": "max",
    "learning_rate": 1e-5,
    "random_seed": 7,
    "token_count": 4711,
    "training_method": {"method": "dpo", "dpo_beta": 0.1},
}


def _profile(name: str, **changes: Any) -> Profile:
    return replace(registry.get(name), **changes)


def test_a_job_of_flat_form_is_gathered() -> None:
    job = Job.read(TOGETHER_JOB, _profile("together"))
    assert job.state is JobState.SUCCEEDED
    assert job.fine_tuned_model == TOGETHER_JOB["model_output_name"]
    assert (job.trained_tokens, job.seed, job.method) == (4711, 7, "dpo")
    assert job.hyperparameters == {
        "n_epochs": 3,
        "batch_size": "max",
        "learning_rate": 1e-5,
        "dpo_beta": 0.1,
    }
    assert job.raw is TOGETHER_JOB


def test_a_flat_method_is_read() -> None:
    raw = {"id": "j", "method": {"type": "dpo", "hyperparameters": {"beta": 0.1}}}
    job = Job.read(raw, _profile("llmariner"))
    assert (job.method, job.hyperparameters) == ("dpo", {"beta": 0.1})


def test_an_envelope_is_opened() -> None:
    wrapped = _profile("openai", job=AnswerForm(envelope="output"))
    raw = {"request_id": "r", "output": {"id": "j", "status": "running"}}
    assert Job.read(raw, wrapped).id == "j"
    with pytest.raises(MissingField, match="id"):
        Job.read({"output": None}, wrapped)


def test_numbers_of_64_bits_written_as_text_are_times() -> None:
    job = Job.read({"id": "j", "created_at": "1795359000"}, _profile("llmariner"))
    assert job.created_at == 1_795_359_000.0


def _serving(name: str, *items: Any) -> Client:
    transport = ScriptedTransport(answer({"data": list(items), "has_more": False}))
    return client(transport, profile=_profile(name))


def test_metrics_under_other_names_are_metrics() -> None:
    data = {"loss": 0.7, "eval_loss": None, "current_steps": 3, "total_steps": 30}
    (event,) = _serving("zhipu", {"id": "e", "type": "training", "data": data}).job_events("j")
    assert event.type == "metrics"
    assert (event.data["train_loss"], event.data["step"]) == (0.7, 3)


@pytest.mark.parametrize(
    ("name", "order"), [("openai", ["a", "b"]), ("nebius", ["b", "a"]), ("together", ["b", "a"])]
)
def test_events_come_newest_first_whatever_the_provider_s_order(
    name: str, order: list[str]
) -> None:
    events = _serving(name, {"id": "a"}, {"id": "b"}).job_events("j")
    assert [event.id for event in events] == order


def test_a_checkpoint_without_an_id_is_known_by_its_path() -> None:
    raw = {"path": "s3://bucket/step-30", "step": 30, "checkpoint_type": "Final"}
    (checkpoint,) = _serving("together", raw).checkpoints("ft-1")
    assert (checkpoint.id, checkpoint.step_number) == ("s3://bucket/step-30", 30)


def test_a_list_that_comes_whole_is_asked_for_once_and_without_a_page() -> None:
    transport = ScriptedTransport(answer({"data": [{"id": "ft-1", "status": "running"}]}))
    jobs = list(client(transport, profile=_profile("together")).list_jobs())
    assert [job.id for job in jobs] == ["ft-1"]
    assert transport.requests[0].params == ()
