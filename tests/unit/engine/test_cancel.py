"""Cancelling: what is said and recorded of a job that runs, that ended, and that may not exist."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ftrunner.api.errors import BadRequest, ServerError
from ftrunner.api.wire import Job
from ftrunner.engine.jobs.cancel import cancel
from ftrunner.errors import StateError
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobIntent
from tests.kit.runs import FakeProvider, Staged, record_job, staged

RUNNING = Job("ftjob-1", "running", JobState.RUNNING)
ENDS = {
    state: replace(RUNNING, status=str(state), state=state)
    for state in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
}
INTENT = JobIntent(run="r2", at=0.0, fingerprint="v1:new", inputs={}, training_file="file-1")
REFUSED = BadRequest("the job is over", code="FT314", status=400)


def recorded(folder: Path, provider: FakeProvider, job: Job = RUNNING) -> Staged:
    stage = staged(folder, provider)
    record_job(stage, job, fingerprint="v1:x", by="r1")
    return stage


def status(stage: Staged) -> str | None:
    job = stage.run.journal.record.job
    return job.status if job else None


def test_a_running_job_is_cancelled_and_recorded(tmp_path: Path) -> None:
    stage = recorded(tmp_path, FakeProvider(jobs={"ftjob-1": RUNNING}))

    assert cancel(stage.run) == "ftjob-1"

    assert status(stage) == "cancelled"


@pytest.mark.parametrize("state", ENDS)
@pytest.mark.parametrize("records", [True, False])
def test_one_that_ended_at_the_provider_is_said_to_and_recorded(
    tmp_path: Path, state: JobState, records: bool
) -> None:
    provider = FakeProvider(jobs={"ftjob-1": ENDS[state]}, trouble={"cancel_job": REFUSED})
    stage = recorded(tmp_path, provider)

    with pytest.raises(StateError, match=f"ftjob-1 is over: {state}") as refused:
        cancel(stage.run, records=records)

    assert refused.value.code == "FT412"
    assert status(stage) == (str(state) if records else "running")


def test_a_provider_that_does_not_refuse_to_cancel_what_succeeded_is_not_believed(
    tmp_path: Path,
) -> None:
    class Lenient(FakeProvider):
        def cancel_job(self, job_id: str) -> Job:
            return self.retrieve_job(job_id)

    stage = recorded(tmp_path, Lenient(jobs={"ftjob-1": ENDS[JobState.SUCCEEDED]}))

    with pytest.raises(StateError, match="ftjob-1 is over: succeeded"):
        cancel(stage.run)

    assert status(stage) == "succeeded"


def test_one_that_goes_on_and_cannot_be_cancelled_is_reported_in_the_providers_words(
    tmp_path: Path,
) -> None:
    failure = ServerError("the server failed", code="FT317", status=500)
    provider = FakeProvider(jobs={"ftjob-1": RUNNING}, trouble={"cancel_job": failure})
    stage = recorded(tmp_path, provider)

    with pytest.raises(ServerError):
        cancel(stage.run)

    assert status(stage) == "running"


@pytest.mark.parametrize("has_former", [True, False])
def test_an_unconfirmed_request_goes_before_a_former_job(tmp_path: Path, has_former: bool) -> None:
    provider = FakeProvider(jobs={"ftjob-1": RUNNING})
    stage = recorded(tmp_path, provider) if has_former else staged(tmp_path, provider)
    stage.run.journal.intend_job(INTENT)

    with pytest.raises(StateError, match="is unconfirmed") as refused:
        cancel(stage.run)

    assert provider.asked == []
    assert refused.value.hint is not None
    assert all(f"`ftrunner {verb} " in refused.value.hint for verb in ("apply", "adopt", "forget"))


@pytest.mark.parametrize(
    ("job", "code", "hint"),
    [
        (None, "FT411", "ftrunner status"),
        (ENDS[JobState.SUCCEEDED], "FT412", "ftrunner apply"),
        (ENDS[JobState.FAILED], "FT412", "--retry"),
        (ENDS[JobState.CANCELLED], "FT412", "--retry"),
    ],
)
def test_where_there_is_nothing_to_cancel_nothing_is_requested(
    tmp_path: Path, job: Job | None, code: str, hint: str
) -> None:
    provider = FakeProvider()
    stage = recorded(tmp_path, provider, job) if job else staged(tmp_path, provider)

    with pytest.raises(StateError) as refused:
        cancel(stage.run)

    assert (refused.value.code, provider.asked) == (code, [])
    assert hint in (refused.value.hint or "")
