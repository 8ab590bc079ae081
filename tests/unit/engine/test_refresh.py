"""Asking after what is recorded: what is gone is reported, what cannot be looked up is not."""

from __future__ import annotations

from pathlib import Path

from ftrunner.api.errors import NotFound
from ftrunner.api.wire import Job
from ftrunner.engine.operations.refresh import refresh
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import FileRecord
from tests.kit.runs import FakeProvider, Staged, record_job, staged

JOB = Job("ftjob-1", "running", JobState.RUNNING)
DONE = Job("ftjob-1", "succeeded", JobState.SUCCEEDED, fine_tuned_model="ft:x")
NO_ROUTE = NotFound("not possible at this provider", code="FT325")


def recorded(folder: Path, provider: FakeProvider) -> Staged:
    stage = staged(folder, provider)
    file = FileRecord(id="file-1", filename="a.jsonl", sha256="00", bytes=1)
    stage.run.journal.file_created("train", file)
    record_job(stage, JOB, fingerprint="v1:x", by="r1")
    return stage


def test_the_record_is_brought_up_to_date(tmp_path: Path) -> None:
    stage = recorded(tmp_path, FakeProvider(jobs={"ftjob-1": DONE}))

    refresh(stage.run)

    job = stage.run.journal.record.job
    assert job is not None
    assert (job.status, job.model) == ("succeeded", "ft:x")


def test_what_is_gone_is_reported_and_stays_recorded(tmp_path: Path) -> None:
    stage = recorded(tmp_path, FakeProvider(jobs={"ftjob-1": DONE}))

    refresh(stage.run)

    assert stage.notes == "ft:x is not at the provider\nfile-1 is not at the provider"
    assert stage.run.journal.record.files


def test_where_a_profile_has_no_such_route_nothing_is_gone(tmp_path: Path) -> None:
    trouble = dict.fromkeys(("retrieve_job", "retrieve_model", "retrieve_file"), NO_ROUTE)
    stage = recorded(tmp_path, FakeProvider(trouble=trouble))

    refresh(stage.run)

    assert stage.notes == ""
