"""Which job is ours: echoed fingerprints first, everything that fits an intent second."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ftrunner.api.wire import File, Job
from ftrunner.engine.jobs.adoption import (
    created_by,
    disagreements,
    is_fresh,
    same_inputs,
    uploaded_by,
)
from ftrunner.providers.profile import JobState
from ftrunner.providers.wire_mapping import Readiness
from ftrunner.state.lock import FileIntent, JobIntent

INPUTS: dict[str, Any] = {"model": "base", "hyperparameters": {"n_epochs": 10}, "seed": 7}
INTENT = JobIntent(run="r1", at=1000.0, fingerprint="v1:x", inputs=INPUTS, training_file="file-1")
ECHO = {"ftrunner_fingerprint": "v1:x", "ftrunner_run": "r1"}
OTHERS = {**ECHO, "ftrunner_run": "r2"}
UPLOAD = FileIntent(
    run="r1", at=1000.0, split="train", filename="a-00.jsonl", sha256="00", bytes=10
)


def job(job_id: str = "ftjob-1", state: JobState = JobState.RUNNING, **fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "model": "base",
        "training_file": "file-1",
        "hyperparameters": {"n_epochs": 10, "batch_size": 1},
        "seed": 7,
        "created_at": 1001.0,
    }
    return Job(id=job_id, status=str(state), state=state, **{**defaults, **fields})


def alike(*jobs: Job) -> list[str]:
    return [found.id for found in same_inputs(jobs, "v1:x")]


def created(*jobs: Job, known: tuple[str, ...] = ()) -> list[str]:
    return [found.id for found in created_by(INTENT, jobs, known).created]


def test_an_echoed_fingerprint_is_the_same_job() -> None:
    assert alike(job(metadata=ECHO)) == ["ftjob-1"]


def test_a_server_that_ignores_the_filter_is_filtered_here() -> None:
    assert alike(job(metadata={"ftrunner_fingerprint": "v1:other"}), job(metadata={})) == []


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_failed_and_cancelled_jobs_are_never_gone_on_with(state: JobState) -> None:
    assert alike(job(state=state, metadata=ECHO)) == []


def test_succeeded_goes_before_active_then_the_older_then_the_id() -> None:
    jobs = [
        job("d", metadata=ECHO, created_at=3.0),
        job("c", metadata=ECHO, created_at=2.0),
        job("b", metadata=ECHO, created_at=2.0),
        job("a", JobState.SUCCEEDED, metadata=ECHO, created_at=9.0),
    ]

    assert alike(*jobs) == ["a", "b", "c", "d"]


def test_the_run_finds_what_the_request_created() -> None:
    assert created(job("theirs", metadata=OTHERS), job("ours", metadata=ECHO)) == ["ours"]
    assert created(job("theirs", metadata=OTHERS)) == []


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_what_the_request_created_is_known_though_it_has_failed_since(state: JobState) -> None:
    assert created(job(state=state, metadata=ECHO)) == ["ftjob-1"]


def test_without_metadata_a_job_that_fits_is_what_the_request_created() -> None:
    assert created(job()) == ["ftjob-1"]
    assert created(job(), known=("ftjob-1",)) == []


@pytest.mark.parametrize(
    "difference",
    [
        {"training_file": "file-2"},
        {"model": "other"},
        {"hyperparameters": {"n_epochs": 3}},
        {"seed": 8},
        {"state": JobState.FAILED},
        {"metadata": {"ftrunner_fingerprint": "v1:other"}},
    ],
)
def test_a_job_that_differs_is_not_what_the_request_created(difference: dict[str, Any]) -> None:
    assert created(job(**difference)) == []


def test_several_that_fit_are_left_to_a_person() -> None:
    assert created(job("a"), job("b")) == ["a", "b"]
    assert created(job("a", metadata=ECHO), job("b")) == ["a"]


def test_every_attempt_of_one_run_is_known_by_its_metadata() -> None:
    ended = job("a", JobState.FAILED, metadata=ECHO)
    assert created(ended, job("c", metadata=ECHO), job("b", metadata=ECHO)) == ["b", "c", "a"]


@pytest.mark.parametrize(
    "echoed",
    [
        {"created_at": 1000.0 - 7200},
        {"hyperparameters": {"n_epochs": "10", "batch_size": "auto"}},
        {"hyperparameters": {"n_epochs": 10.0}},
        {"hyperparameters": {"n_epochs": " 1e1 "}},
        {"seed": None},
        {"model": "base-2024-08-06"},
        {"model": "BASE"},
        {"model": "openai/base"},
        {"method": "sft"},
        {"training_file": "files/file-1"},
        {"training_file": "https://example.com/v1/files/file-1/"},
        {"hyperparameters": {"n_epochs": {"type": "auto"}}},
        {"hyperparameters": {"n_epochs": [10]}},
    ],
)
def test_another_spelling_is_not_a_difference(echoed: dict[str, Any]) -> None:
    assert created(job(**echoed)) == ["ftjob-1"]


def test_without_its_training_file_a_job_is_neither_ours_nor_excluded() -> None:
    found = created_by(INTENT, [job(training_file=None)], ())

    assert (found.created, [one.id for one in found.unclear]) == ((), ["ftjob-1"])
    assert created_by(INTENT, [job(training_file=None, seed=8)], ()).unclear == ()


@pytest.mark.parametrize(
    "unset",
    [{"seed": 0}, {"hyperparameters": {"n_epochs": 0}}, {"hyperparameters": {"n_epochs": "0"}}],
)
def test_a_zero_that_was_not_asked_for_neither_confirms_nor_excludes(unset: dict[str, Any]) -> None:
    found = created_by(INTENT, [job("a", **unset)], ())

    assert (found.created, [one.id for one in found.unclear]) == ((), ["a"])
    assert created(job("a", **unset), job("b")) == ["b"]


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("gpt-4o-mini-2024-07-18", "openai:gpt-4o-mini-2024-07-18"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini-20240718"),
        ("gpt-4o-mini-2024-07-18", "gpt_4o_mini@2024_07_18"),
        ("openai/gpt-4o", "gpt-4o-2024-08-06"),
        (
            "gpt-4o-mini-2024-07-18",
            "azureml://registries/azure-openai/models/gpt-4o-mini/versions/2024-07-18",
        ),
        ("meta-llama/Llama-3.1-8B", "accounts/meta-llama/models/../meta-llama/llama-31-8b"),
    ],
)
def test_a_renamed_model_is_not_a_difference(asked: str, echoed: str) -> None:
    assert disagreements(job(model=echoed), {**INPUTS, "model": asked}) == ()


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ({"hyperparameters": {"n_epochs": "auto"}}, {"hyperparameters": {"n_epochs": 3}}),
        ({}, {"hyperparameters": {}}),
        ({}, {"seed": None}),
        ({"seed": None}, {"seed": 99}),
        ({"model": "gpt-4o"}, {"model": "gpt-4o-2024-08-06"}),
        ({"model": "gpt-4o-2024-08-06"}, {"model": "gpt-4o"}),
        ({"model": "gpt-3.5-turbo"}, {"model": "gpt-35-turbo-0125"}),
        ({"hyperparameters": {"n_epochs": 0.1}}, {"hyperparameters": {"n_epochs": 0.10000000149}}),
        ({"hyperparameters": {"n_epochs": True}}, {"hyperparameters": {"n_epochs": "True"}}),
        ({}, {"model": None}),
    ],
)
def test_what_the_server_filled_in_is_not_a_difference(
    asked: dict[str, Any], echoed: dict[str, Any]
) -> None:
    assert disagreements(job(**echoed), {**INPUTS, **asked}) == ()


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ({"model": "gpt-4o"}, {"model": "gpt-4o-mini"}),
        ({"model": "gpt-4o-2024-08-06"}, {"model": "gpt-4o-2024-11-20"}),
        ({"model": "meta-llama/Llama-3-8B"}, {"model": "other/Llama-3-8B"}),
        ({"model": "meta-llama/Llama-3-8B"}, {"model": "meta-llama/Llama-3-8B-Instruct"}),
        ({"model": "gpt-4o-mini"}, {"model": "ft:gpt-4o-mini:acme::abc"}),
        ({"model": "model-1"}, {"model": "model-1024"}),
        ({"hyperparameters": {"n_epochs": 1}}, {"hyperparameters": {"n_epochs": "10"}}),
        ({"hyperparameters": {"lr": 2e-5}}, {"hyperparameters": {"lr": "0.0002"}}),
        ({"method": "supervised"}, {"method": "dpo"}),
    ],
)
def test_what_differs_in_one_form_is_a_difference(
    asked: dict[str, Any], echoed: dict[str, Any]
) -> None:
    assert len(disagreements(job(**{"model": "base", **echoed}), {**INPUTS, **asked})) == 1


def test_differences_are_named() -> None:
    other = job(model="other", seed=8, hyperparameters={"n_epochs": 3})

    assert disagreements(other, INPUTS) == ("model", "seed", "n_epochs")


def file(file_id: str = "file-9", **fields: Any) -> File:
    defaults: dict[str, Any] = {"filename": "a-00.jsonl", "bytes": 10, "created_at": 1000.0}
    return File(id=file_id, **{**defaults, **fields})


def test_a_file_of_our_name_and_size_is_what_the_upload_left() -> None:
    found = uploaded_by(UPLOAD, [file("b"), file("a")])

    assert found is not None
    assert found.id == "a"


@pytest.mark.parametrize(
    "difference",
    [
        {"filename": "b.jsonl"},
        {"bytes": 9},
        {"status": "error"},
        {"status": "rejected", "readiness": Readiness.FAILED},
    ],
)
def test_a_file_that_differs_is_not_what_the_upload_left(difference: dict[str, Any]) -> None:
    assert uploaded_by(UPLOAD, [file(**difference)]) is None


def test_only_a_fresh_run_makes_fresh_jobs() -> None:
    fresh = {**ECHO, "ftrunner_run": "fresh-1"}

    assert is_fresh(job(metadata=fresh))
    assert not is_fresh(job(metadata=ECHO))
    assert not is_fresh(replace(job(), metadata={}))
