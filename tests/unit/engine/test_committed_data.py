"""The data of a recorded job, out of the history of a real repository."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest

from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.committed_data import committed_data
from ftrunner.engine.steps.prepare import desired_state
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Dataset, Spec
from ftrunner.state.lock import JobRecord
from tests.unit.dataset.samples import example

pytestmark = pytest.mark.skipif(which("git") is None, reason="needs git")

GENERIC = registry.get("generic")


class Repository:
    """A repository with a spec in its own folder and data elsewhere."""

    def __init__(self, top: Path) -> None:
        self.top = top
        (top / "specs").mkdir(parents=True)
        (top / "data").mkdir()
        self.git("init", "-q")
        self.spec = Spec(
            top / "specs" / "s.yaml", "s", "m", Dataset(("../data/t*.jsonl",), ("../data/v.jsonl",))
        )

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(("git", "-C", self.top, *who, *arguments), check=True)

    def commit(self, **files: bytes) -> None:
        for name, content in files.items():
            path = self.top / "data" / f"{name}.jsonl"
            path.write_bytes(content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")

    def job(self) -> JobRecord:
        """The job of the data as it is, in a lock file."""
        wanted = desired_state(self.spec, check_dataset(self.spec, GENERIC), GENERIC, {})
        (self.top / "specs" / "s.lock.json").write_text('{"id": "ftjob-7"}', encoding="utf-8")
        return JobRecord(
            id="ftjob-7", run=None, fingerprint=wanted.fingerprint, inputs=wanted.inputs,
            status="succeeded", state=JobState.SUCCEEDED,
        )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "r")
    made.commit(t1=example(1) + b"\n" + example(2) + b"\n", t2=example(3), v=example(9))
    return made


def test_the_data_of_the_commit_that_recorded_the_job_is_found(repository: Repository) -> None:
    job = repository.job()
    repository.commit()
    repository.commit(t1=example(4), v=example(8))
    repository.git("rm", "-q", "data/t2.jsonl")
    repository.commit()

    found = committed_data(repository.spec, GENERIC, job)

    assert found is not None
    assert {name: len(trail.rows) for name, trail in found.trails.items()} == {
        "train": 3,
        "validation": 1,
    }
    names = [(name.partition(":")[2], lines) for name, lines in found.files["train"]]
    assert names == [("data/t1.jsonl", 2), ("data/t2.jsonl", 1)]


def test_other_data_is_never_taken_for_it(repository: Repository) -> None:
    job = repository.job()
    repository.commit(t1=example(4))

    assert committed_data(repository.spec, GENERIC, job) is None


def test_without_a_commit_or_a_repository_nothing_is_found(
    repository: Repository, tmp_path: Path
) -> None:
    job = repository.job()

    outside = replace(repository.spec, path=tmp_path / "s.yaml")
    elsewhere = replace(repository.spec, dataset=Dataset(("../../a.jsonl",)))
    assert committed_data(repository.spec, GENERIC, job) is None
    repository.commit()
    assert committed_data(outside, GENERIC, job) is None
    assert committed_data(elsewhere, GENERIC, job) is None
    assert committed_data(repository.spec, GENERIC, job) is not None
