"""What is recorded of a job that was found instead of created."""

from __future__ import annotations

from pathlib import Path

from ftrunner.api.wire import Job
from ftrunner.engine.jobs.records import record_adopted_job
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import FileRecord
from tests.kit.runs import FakeProvider, Staged, staged

JOB = Job("ftjob-1", "running", JobState.RUNNING, metadata={"ftrunner_run": "r9"})
FILES = {
    "train": FileRecord(id="file-1", filename="a.jsonl", sha256="aa", bytes=1),
    "validation": FileRecord(id="file-2", filename="b.jsonl", sha256="bb", bytes=1),
}


def adopted(folder: Path, train: str, validation: str | None) -> Staged:
    stage = staged(folder, FakeProvider(jobs={"ftjob-1": JOB}))
    for split, file in FILES.items():
        stage.run.journal.file_created(split, file)
    inputs = {"train": train, "validation": validation}
    record_adopted_job(stage.run, JOB, fingerprint="v1:x", inputs=inputs, reason="found")
    return stage


def test_its_creator_is_what_its_metadata_says(tmp_path: Path) -> None:
    job = adopted(tmp_path, "aa", "bb").run.journal.record.job

    assert job is not None
    assert (job.id, job.run, job.fingerprint) == ("ftjob-1", "r9", "v1:x")


def test_files_of_its_data_stay_recorded(tmp_path: Path) -> None:
    assert adopted(tmp_path, "aa", "bb").run.journal.record.files == FILES


def test_files_of_other_data_are_not_its_files(tmp_path: Path) -> None:
    assert adopted(tmp_path, "other", "bb").run.journal.record.files == {
        "validation": FILES["validation"]
    }
    assert adopted(tmp_path, "other", None).run.journal.record.files == {}
