"""The plan as a table: what is recorded and observed, and the actions and reasons of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ftrunner.api.wire import Job
from ftrunner.engine.plan import DesiredState, Observed, Options, Plan, plan
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import (
    FileRecord,
    JobIntent,
    JobRecord,
    PromptResult,
    Record,
    SetRecord,
    TestsRecord,
)

INPUTS: dict[str, Any] = {
    "model": "base",
    "method": "supervised",
    "hyperparameters": {"n_epochs": 10},
    "seed": None,
    "suffix": None,
    "train": "aaa",
    "validation": None,
}
WANTED = DesiredState(
    inputs=INPUTS,
    fingerprint="v1:new",
    streams={"train": "sha"},
    tests="t1",
    prompts=1,
    examples=10,
)
FILE = FileRecord(id="file-1", filename="a.jsonl", sha256="sha", bytes=10)
JOB = JobRecord(
    id="ftjob-1", run="r1", fingerprint="v1:new", inputs=INPUTS, status="succeeded",
    state=JobState.SUCCEEDED, model="ft:base:x",
)  # fmt: skip
TESTS = TestsRecord(model="ft:base:x", digest="t1", passed=True)
DONE = Record(provider="openai", files={"train": FILE}, job=JOB, tests=TESTS)


def decide(
    record: Record | None, observed: Observed | None = None, **options: bool
) -> dict[str, str]:
    return as_reported(plan(WANTED, record, observed, Options(**options)))


def as_reported(decided: Plan) -> dict[str, str]:
    return {str(s.step): f"{s.action}: {s.reason}" for s in decided.steps[1:]}


def job(job_id: str = "ftjob-9", state: JobState = JobState.RUNNING, created: float = 1) -> Job:
    return Job(id=job_id, status=str(state), state=state, created_at=created)


def test_a_first_run_does_everything() -> None:
    assert decide(None) == {
        "upload": "run: train data is new",
        "train": "run: no job yet",
        "test": "run: 1 prompt after training",
    }


SETS = replace(WANTED, sets={"tickets": "s1"}, rows_asked=240, tests="t2")
MEASURED = SetRecord(n=240, passed=200, mean=0.8, tests="s1", answers="a1")


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (SETS, "1 prompt and 1 test set (240 rows)"),
        (replace(SETS, prompts=0), "1 test set (240 rows)"),
        (replace(SETS, sets={"a": "1", "b": "2"}), "1 prompt and 2 test sets (240 rows)"),
    ],
)
def test_test_sets_are_asked_too(wanted: DesiredState, asked: str) -> None:
    passed = replace(TESTS, digest="t2", sets={"tickets": MEASURED})
    done = replace(DONE, tests=passed)

    assert (
        as_reported(plan(wanted, None, None, Options()))["test"] == f"run: {asked} after training"
    )
    assert as_reported(plan(wanted, done, None, Options()))["test"] == f"skip: {asked} passed"


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"tickets": replace(MEASURED, tests="s0")}, "the test set tickets changed"),
        ({}, "the test set tickets is new"),
        (
            {"tickets": MEASURED, "old": MEASURED},
            "the test set old was removed",
        ),
        ({"tickets": MEASURED}, "the tests changed"),
    ],
)
def test_it_says_which_test_set_changed(known: dict[str, SetRecord], reason: str) -> None:
    done = replace(DONE, tests=replace(TESTS, sets=known))

    assert as_reported(plan(SETS, done, None, Options()))["test"] == f"run: {reason}"


@pytest.mark.parametrize(
    ("gates", "prompt", "reason"),
    [
        (
            {"g": "undecided", "h": "passed"},
            True,
            "the model's last tests found not enough evidence",
        ),
        ({"g": "undecided", "h": "failed"}, True, "the model's last tests failed"),
        ({"g": "undecided"}, False, "the model's last tests failed"),
    ],
)
def test_a_verdict_that_is_open_is_sought_again(
    gates: dict[str, str],
    prompt: bool,
    reason: str,
) -> None:
    result = PromptResult(passed=prompt, passes=0, answers=1, digest="d")
    tests = replace(TESTS, passed=False, digest="t2", results={"p": result}, gates=gates, sets={})

    reported = as_reported(plan(SETS, replace(DONE, tests=tests), None, Options()))

    assert reported["test"] == f"run: {reason}"


def test_nothing_changed_is_nothing_to_do() -> None:
    decided = plan(WANTED, DONE, None, Options())

    assert as_reported(decided) == {
        "upload": "skip: the job has its files",
        "train": "skip: ftjob-1 succeeded: ft:base:x",
        "test": "skip: 1 prompt passed",
    }
    assert not decided.has_changes
    assert not decided.creates_job


def test_an_edited_hyperparameter_retrains_without_uploading() -> None:
    old = {**INPUTS, "hyperparameters": {"n_epochs": 3}}
    record = replace(DONE, job=replace(JOB, fingerprint="v1:old", inputs=old))

    assert decide(record) == {
        "upload": "skip: unchanged",
        "train": "replace: hyperparameters.n_epochs 3 → 10",
        "test": "run: 1 prompt after training",
    }


def test_edited_data_is_uploaded_and_retrains() -> None:
    old = {**INPUTS, "train": "old"}
    record = replace(
        DONE,
        files={"train": replace(FILE, sha256="old")},
        job=replace(JOB, fingerprint="v1:old", inputs=old),
    )

    assert decide(record)["upload"] == "run: train data changed"
    assert decide(record)["train"] == "replace: train data changed"


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        (None, "run: the model was not tested yet: 1 prompt"),
        (replace(TESTS, model="ft:other"), "run: the model was not tested yet: 1 prompt"),
        (replace(TESTS, digest="t0"), "run: the tests changed"),
        (replace(TESTS, passed=False), "run: the model's last tests failed"),
    ],
)
def test_tests_are_asked_again_alone(tests: TestsRecord | None, reason: str) -> None:
    decided = decide(replace(DONE, tests=tests))

    assert decided["test"] == reason
    assert decided["train"].startswith("skip")


def test_a_running_job_is_resumed() -> None:
    record = replace(DONE, job=replace(JOB, state=JobState.RUNNING, status="running"), tests=None)

    assert decide(record)["train"] == "resume: ftjob-1 is running"


def test_an_unknown_status_is_waited_on() -> None:
    record = replace(DONE, job=replace(JOB, state=JobState.UNKNOWN, status="created"))

    assert decide(record)["train"] == "resume: ftjob-1 is created"


def test_a_failed_job_stays_failed() -> None:
    record = replace(
        DONE, job=replace(JOB, state=JobState.FAILED, status="failed", error="bad data")
    )

    assert decide(record)["train"] == "stop: ftjob-1 failed: bad data"
    assert decide(record)["test"] == "skip: there is no tuned model"


def test_retry_trains_the_same_inputs_again() -> None:
    record = replace(DONE, job=replace(JOB, state=JobState.FAILED, status="failed"))

    assert decide(record, retry=True)["train"] == "replace: try again: ftjob-1 failed"


def test_a_job_of_the_same_inputs_is_adopted() -> None:
    observed = Observed(job())

    assert decide(None, observed) == {
        "upload": "skip: the job has its files",
        "train": "adopt: ftjob-9 has the same inputs",
        "test": "run: 1 prompt after training",
    }


def test_fresh_makes_another_job_all_the_same() -> None:
    observed = Observed(job())

    assert decide(None, observed, fresh=True)["train"] == "run: no job yet"
    assert decide(DONE, observed, fresh=True)["train"] == "replace: a new job was asked for"


def test_an_unconfirmed_job_is_looked_up_and_nothing_is_created() -> None:
    intent = JobIntent(run="r", at=1.0, fingerprint="v1:new", inputs=INPUTS, training_file="f")
    decided = plan(WANTED, Record(provider="openai", job_intent=intent), None, Options(fresh=True))

    assert as_reported(decided)["train"].startswith("resume: a job's creation is unconfirmed")
    assert decided.has_changes
    assert not decided.creates_job


def test_a_recorded_file_that_is_gone_is_sent_again() -> None:
    observed = Observed(missing_files=frozenset({"file-1"}))

    assert decide(replace(DONE, job=None), observed)["upload"] == "run: file-1 is gone"
