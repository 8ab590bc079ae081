"""The runs of a spec, from a real repository's versions of its lock file, and from run logs."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest

from ftrunner.engine.report.history import History, history
from ftrunner.engine.target import REHEARSAL, Target
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState
from ftrunner.render.documents.history import as_fields, as_text
from ftrunner.spec.model import Dataset, Spec
from ftrunner.state.lock import (
    JobRecord,
    Lock,
    OpponentRecord,
    PromptResult,
    Record,
    SetRecord,
    TestsRecord,
)
from ftrunner.state.lockfile import encode
from ftrunner.state.results import FILE
from ftrunner.state.results import encode as encode_results
from tests.kit.results import full

OPENAI = "https://api.openai.com/v1"
needs_git = pytest.mark.skipif(which("git") is None, reason="needs git")


class Repository:
    """A repository with a spec's lock file; each commit is a minute after the last."""

    def __init__(self, top: Path) -> None:
        self.folder = top / "specs"
        self.folder.mkdir(parents=True)
        self.minute = 0
        self.git("init", "-q")
        self.spec = Spec(
            self.folder / "s.yaml", "s", "gpt-4o-mini-2024-07-18", Dataset(("d.jsonl",))
        )
        self.lock = self.folder / "s.lock.json"

    def git(self, *arguments: str) -> None:
        when = f"2026-11-01T10:{self.minute:02}:00Z"
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        environment = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "PATH": "/usr/bin:/bin"}
        subprocess.run(("git", "-C", self.folder, *who, *arguments), check=True, env=environment)

    def write(self, record: Record | bytes) -> None:
        made = (
            record
            if isinstance(record, bytes)
            else encode(Lock(name="s", endpoints={OPENAI: record}))
        )
        self.lock.write_bytes(made)

    def commit(self, record: Record | bytes) -> None:
        self.write(record)
        self.minute += 1
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")

    def history(self, most: int = 500) -> History:
        target = Target(registry.get("openai"), OPENAI, OPENAI)
        return history(self.spec, target, self.lock, self.folder / "runs", most)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r")


def record(job: str, state: str = "succeeded", tests: TestsRecord | None = None) -> Record:
    return Record(
        provider="openai",
        job=JobRecord(
            id=job,
            run="r1",
            fingerprint="v1:00",
            inputs={"model": "gpt-4o-mini-2024-07-18", "train": f"{job}-rows"},
            status=state,
            state=JobState(state),
            model=f"ft:{job}" if state == "succeeded" else None,
            trained_tokens=1_000_000 if state == "succeeded" else None,
        ),
        tests=tests,
    )


def verdict_on(job: str, digest: str, effect: float, *, holds: bool = True) -> TestsRecord:
    against = OpponentRecord(
        model="base",
        effect=effect,
        better=9,
        worse=1,
        word="better",
        answers="",
        low=0.01,
        high=0.3,
    )
    return TestsRecord(
        model=f"ft:{job}",
        digest=digest,
        passed=holds,
        results={"p": PromptResult(passed=holds, passes=1, answers=1, digest="")},
        sets={
            "tickets": SetRecord(
                n=20, passed=9, mean=0.9, tests="", answers="", against={"base": against}
            )
        },
    )


@needs_git
def test_each_job_with_its_tests_is_a_run_at_the_commit_that_had_its_outcome(
    repository: Repository,
) -> None:
    repository.commit(record("j1", "running"))
    repository.commit(record("j1"))
    repository.commit(record("j1", tests=verdict_on("j1", "t1", 0.1)))
    repository.commit(record("j1", tests=verdict_on("j1", "t2", 0.15)))
    repository.commit(record("j2", "failed"))
    repository.write(record("j3", tests=verdict_on("j3", "t2", 0.2, holds=False)))

    found = repository.history()

    shown = [(run.job, run.tests, run.state, run.passed, bool(run.commit)) for run in found.runs]
    assert found.source == "git"
    assert shown == [
        ("j1", "t1", "succeeded", True, True),
        ("j1", "t2", "succeeded", True, True),
        ("j2", "", "failed", None, True),
        ("j3", "t2", "succeeded", False, False),
    ]
    assert [run.effects[0].effect for run in found.runs if run.effects] == [0.1, 0.15, 0.2]
    assert found.runs[0].cost == (3.0, 3.0)


@needs_git
def test_versions_that_cannot_be_read_are_counted_and_deleted_ones_are_not(
    repository: Repository,
) -> None:
    repository.commit(record("j1", tests=verdict_on("j1", "t1", 0.1)))
    repository.commit(b"<<<<<<< ours\n")
    repository.commit(b'{"version": 99}')
    repository.lock.unlink()
    repository.git("commit", "-q", "-am", "gone")
    repository.commit(record("j2", tests=verdict_on("j2", "t1", 0.1)))

    found = repository.history()

    assert ([run.job for run in found.runs], found.unread) == (["j1", "j2"], 2)
    assert "2 versions of the lock file could not be read" in as_text(found, name="s")


@needs_git
def test_only_the_last_are_read_if_so_many_are_wanted(repository: Repository) -> None:
    for n in range(5):
        repository.commit(record(f"j{n}", tests=verdict_on(f"j{n}", "t1", 0.1)))

    assert [run.job for run in repository.history(2).runs] == ["j3", "j4"]


def test_without_git_the_kept_runs_are_shown(tmp_path: Path) -> None:
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(("d.jsonl",)))
    for n in range(3):
        folder = tmp_path / "runs" / f"r{n}"
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(
            encode_results(replace(full(), at=1_790_000_000.0 + 90_000 * n))
        )
    (tmp_path / "runs" / "torn").mkdir()
    (tmp_path / "runs" / "torn" / FILE).write_bytes(b'{"name"')
    target = Target(registry.get("openai"), "", REHEARSAL)

    found = history(spec, target, tmp_path / "s.lock.json", tmp_path / "runs")

    assert (found.source, len(found.runs)) == ("runs", 3)
    assert [run.at for run in found.runs] == sorted(run.at for run in found.runs)


def test_a_rehearsal_that_kept_no_results_has_its_recorded_run(tmp_path: Path) -> None:
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(("d.jsonl",)))
    lock = tmp_path / "s.lock.json"
    lock.write_bytes(encode(Lock(name="s", endpoints={REHEARSAL: record("ftjob-1")})))
    target = Target(registry.get("openai"), "", REHEARSAL)

    found = history(spec, target, lock, tmp_path / "runs")

    assert (found.source, [run.job for run in found.runs]) == ("runs", ["ftjob-1"])


def test_nothing_known_is_said(tmp_path: Path) -> None:
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(("d.jsonl",)))
    target = Target(registry.get("openai"), OPENAI, OPENAI)

    found = history(spec, target, tmp_path / "s.lock.json", tmp_path / "runs")

    assert as_text(found, name="s") == "s: no run is known"


@needs_git
def test_the_text_has_a_row_for_each_and_a_chart(repository: Repository) -> None:
    for n, effect in enumerate((0.02, 0.11, 0.18)):
        repository.commit(record(f"j{n}", tests=verdict_on(f"j{n}", "t1", effect)))

    text = as_text(repository.history(), name="s\x1b[2J")

    assert text.startswith("s�[2J · 3 runs, from the lock file's versions in git")
    assert text.count("2026-11-01") == 3
    assert "tickets against base +11.0 (+1.0 to +30.0) better" in text
    assert "tickets against base  ▁▅█  +2.0 to +18.0 points" in text


@needs_git
def test_a_gate_that_stays_open_is_shown_as_open(repository: Repository) -> None:
    verdict = replace(
        verdict_on("j1", "t1", 0.1, holds=False), results={}, gates={"g": "undecided"}
    )
    repository.commit(record("j1", tests=verdict))

    assert "not enough evidence  –" in as_text(repository.history(), name="s")


@needs_git
def test_the_document_is_the_same(repository: Repository) -> None:
    repository.commit(record("j1", tests=verdict_on("j1", "t1", 0.1)))

    [run] = as_fields(repository.history())["runs"]

    assert run["effects"][0]["effect"] == 0.1
    assert run["prompts"] == (1, 1)
