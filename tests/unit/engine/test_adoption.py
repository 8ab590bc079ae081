"""Which job is ours: echoed fingerprints first, everything that fits an intent second."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ftrunner.api.wire import Job
from ftrunner.engine.adoption import ambiguous, candidates, losers
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import Creation, Intent

INPUTS: dict[str, Any] = {"model": "base", "hyperparameters": {"n_epochs": 10}, "seed": 7}
INTENT = Intent(
    creates=Creation.JOB, run="r1", at=1000.0, fingerprint="v1:x", training_file="file-1"
)
ECHO = {"ftrunner_fingerprint": "v1:x", "ftrunner_run": "r1"}


def job(job_id: str = "ftjob-1", state: JobState = JobState.RUNNING, **fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "model": "base",
        "training_file": "file-1",
        "hyperparameters": {"n_epochs": 10, "batch_size": 1},
        "seed": 7,
        "created_at": 1001.0,
    }
    return Job(id=job_id, status=str(state), state=state, **{**defaults, **fields})


def found(*jobs: Job, intent: Intent | None = None) -> list[str]:
    chosen = candidates(jobs, fingerprint="v1:x", inputs=INPUTS, intent=intent)
    return [candidate.job.id for candidate in chosen]


def test_an_echoed_fingerprint_is_ours() -> None:
    assert found(job(metadata=ECHO)) == ["ftjob-1"]


def test_a_server_that_ignores_the_filter_is_filtered_here() -> None:
    assert found(job(metadata={"ftrunner_fingerprint": "v1:other"}), job(metadata={})) == []


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_failed_and_cancelled_jobs_are_never_adopted(state: JobState) -> None:
    assert found(job(state=state, metadata=ECHO)) == []


def test_succeeded_goes_before_active_then_the_older_then_the_id() -> None:
    jobs = [
        job("d", metadata=ECHO, created_at=3.0),
        job("c", metadata=ECHO, created_at=2.0),
        job("b", metadata=ECHO, created_at=2.0),
        job("a", JobState.SUCCEEDED, metadata=ECHO, created_at=9.0),
    ]

    assert found(*jobs) == ["a", "b", "c", "d"]


def test_without_metadata_only_an_intent_makes_a_job_ours() -> None:
    assert found(job()) == []
    assert found(job(), intent=INTENT) == ["ftjob-1"]


@pytest.mark.parametrize(
    "difference",
    [
        {"training_file": "file-2"},
        {"model": "other"},
        {"hyperparameters": {"n_epochs": 3}},
        {"seed": 8},
        {"created_at": 600.0},
        {"metadata": {"ftrunner_fingerprint": "v1:other"}},
    ],
)
def test_a_job_that_differs_is_not_what_the_intent_made(difference: dict[str, Any]) -> None:
    assert found(job(**difference), intent=INTENT) == []


def test_what_the_server_filled_in_is_no_difference() -> None:
    wanted = {**INPUTS, "hyperparameters": {"n_epochs": "auto"}}
    chosen = candidates([job(seed=None)], fingerprint="v1:x", inputs=wanted, intent=INTENT)

    assert [c.job.id for c in chosen] == ["ftjob-1"]


def test_several_without_an_echo_are_for_a_person_to_tell() -> None:
    alike = candidates([job("a"), job("b")], fingerprint="v1:x", inputs=INPUTS, intent=INTENT)
    echoed = candidates(
        [job("a", metadata=ECHO), job("b", metadata=ECHO)],
        fingerprint="v1:x",
        inputs=INPUTS,
        intent=None,
    )

    assert ambiguous(alike)
    assert not ambiguous(echoed)


def test_active_duplicates_lose_and_finished_ones_are_left_alone() -> None:
    chosen = candidates(
        [
            job("winner", JobState.SUCCEEDED, metadata=ECHO),
            job("late", JobState.SUCCEEDED, metadata=ECHO, created_at=2000.0),
            job("active", metadata=ECHO),
        ],
        fingerprint="v1:x",
        inputs=INPUTS,
        intent=None,
    )

    assert [c.job.id for c in losers(chosen)] == ["active"]
    assert losers((replace(chosen[0]),)) == ()
