"""What is said, and what is cancelled, when a run is stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.api.errors import BadRequest, ServerError
from ftrunner.api.wire import Job
from ftrunner.engine.jobs.interruption import exit_code, interrupted
from ftrunner.errors import ExitCode, Interrupted, Terminated
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobIntent
from tests.kit.runs import FakeProvider, Staged, record_job, staged

RUNNING = Job("ftjob-1", "running", JobState.RUNNING)
DONE = Job("ftjob-1", "succeeded", JobState.SUCCEEDED)
INTENT = JobIntent(run="r1", at=0.0, fingerprint="v1:new", inputs={}, training_file="file-1")


def stopped(
    folder: Path, provider: FakeProvider, *, of: str = "v1:new", intent: JobIntent | None = None
) -> tuple[Interrupted, Staged]:
    """A run of the inputs v1:new, stopped with a running job of the inputs `of` on record."""
    stage = staged(folder, provider)
    record_job(stage, RUNNING, fingerprint=of, by="r1")
    if intent:
        stage.run.journal.intend_job(intent)
    return interrupted(stage.run, KeyboardInterrupt(), "v1:new", cancel_job=True), stage


def test_the_job_that_is_followed_is_cancelled(tmp_path: Path) -> None:
    provider = FakeProvider(jobs={"ftjob-1": RUNNING})

    error, _ = stopped(tmp_path, provider)

    assert error.message == "cancelled ftjob-1"
    assert provider.jobs["ftjob-1"].state is JobState.CANCELLED


@pytest.mark.parametrize("intent", [None, INTENT])
def test_a_job_of_former_inputs_is_neither_named_nor_cancelled(
    tmp_path: Path, intent: JobIntent | None
) -> None:
    provider = FakeProvider(jobs={"ftjob-1": RUNNING})

    error, _ = stopped(tmp_path, provider, of="v1:old", intent=intent)

    assert provider.asked == []
    assert "ftjob-1" not in error.message
    assert ("it may exist" in error.message) is (intent is not None)


def test_while_a_second_job_is_created_the_first_is_left_alone(tmp_path: Path) -> None:
    provider = FakeProvider(jobs={"ftjob-1": RUNNING})

    error, _ = stopped(tmp_path, provider, intent=INTENT)

    assert provider.asked == []
    assert "it may exist" in error.message


def test_a_job_that_ended_meanwhile_is_fine(tmp_path: Path) -> None:
    refusal = BadRequest("HTTP 400", code="FT314", status=400)
    provider = FakeProvider(jobs={"ftjob-1": DONE}, trouble={"cancel_job": refusal})

    error, _ = stopped(tmp_path, provider)

    assert error.message == "stopped; ftjob-1 had ended"


def test_a_job_that_cannot_be_cancelled_is_reported(tmp_path: Path) -> None:
    failure = ServerError("the server failed", code="FT317", status=500)
    provider = FakeProvider(jobs={"ftjob-1": RUNNING}, trouble={"cancel_job": failure})

    error, _ = stopped(tmp_path, provider)

    assert "could not be cancelled: the server failed" in error.message


def test_a_second_interrupt_leaves_it_open_whether_the_job_was_cancelled(tmp_path: Path) -> None:
    class Impatient(FakeProvider):
        def cancel_job(self, job_id: str) -> Job:
            super().cancel_job(job_id)
            raise KeyboardInterrupt

    error, _ = stopped(tmp_path, Impatient(jobs={"ftjob-1": RUNNING}))

    assert error.message == "stopped; ftjob-1 may still be running"
    assert error.hint is not None
    assert "`ftrunner cancel" in error.hint


@pytest.mark.parametrize(
    ("interrupt", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (Terminated(), ExitCode.TERMINATED),
        (BrokenPipeError(), ExitCode.READER_LEFT),
    ],
)
def test_what_stopped_a_run_is_reported_by_its_code(
    interrupt: BaseException, code: ExitCode
) -> None:
    assert exit_code(interrupt) is code
