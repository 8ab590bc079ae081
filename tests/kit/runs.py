"""A run at a provider that is a value: for tests of one decision of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from ftrunner.api.errors import ApiError, NotFound
from ftrunner.api.redaction import Redactor
from ftrunner.api.wire import File, Job, Model
from ftrunner.engine.context import Run
from ftrunner.engine.run_log import RunLog
from ftrunner.engine.target import Target
from ftrunner.events import Event
from ftrunner.fsio import SystemDisk
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState, Profile
from ftrunner.render.run.notices import notices
from ftrunner.spec.model import Dataset, Spec
from ftrunner.state.journal import Journal
from ftrunner.state.lock import JobRecord
from ftrunner.state.lockfile import LockFile
from tests.unit.api.fakes import FakeClock

T = TypeVar("T")

BASE_URL = "https://api.example.com/v1"
GONE = NotFound("no such object", code="FT313", status=404, provider_code="model_not_found")


@dataclass
class FakeProvider:
    """Answers from what it has, as a client would; `trouble` is raised by the call it names.

    `listed`, where given, is what a list that lags behind shows instead.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    listed: list[Job] | None = None
    trouble: Mapping[str, ApiError] = field(default_factory=dict)
    profile: Profile = field(default_factory=lambda: registry.get("openai"))
    asked: list[str] = field(default_factory=list)
    redactor: Redactor = field(default_factory=Redactor)

    def retrieve_job(self, job_id: str) -> Job:
        self._begin("retrieve_job", job_id)
        return _found(self.jobs, job_id)

    def list_jobs(self, _metadata: Mapping[str, str] | None = None) -> Iterator[Job]:
        self._begin("list_jobs")
        yield from list(self.jobs.values()) if self.listed is None else self.listed

    def cancel_job(self, job_id: str) -> Job:
        self._begin("cancel_job", job_id)
        found = _found(self.jobs, job_id)
        self.jobs[job_id] = replace(found, status="cancelled", state=JobState.CANCELLED)
        return self.jobs[job_id]

    def list_files(self) -> Iterator[File]:
        self._begin("list_files")
        yield from list(self.files.values())

    def retrieve_file(self, file_id: str) -> File:
        self._begin("retrieve_file", file_id)
        return _found(self.files, file_id)

    def delete_file(self, file_id: str) -> bool:
        self._begin("delete_file", file_id)
        return self.files.pop(file_id, None) is not None

    def retrieve_model(self, model: str) -> Model:
        self._begin("retrieve_model", model)
        if model not in self.models:
            raise GONE
        return Model(id=model)

    def retrieve_base_model(self, model: str) -> Model:
        self._begin("retrieve_base_model", model)
        if model not in self.models:
            raise GONE
        return Model(id=model)

    def _begin(self, call: str, *target: str) -> None:
        self.asked.append(" ".join((call, *target)))
        if call in self.trouble:
            raise self.trouble[call]


def _found(things: Mapping[str, T], key: str) -> T:
    if key not in things:
        raise GONE
    return things[key]


@dataclass(frozen=True)
class Staged:
    """A run, its clock and its events."""

    run: Run
    reported: list[Event]
    clock: FakeClock

    @property
    def notes(self) -> str:
        return "\n".join(notice.text for event in self.reported for notice in notices(event))


def staged(folder: Path, provider: Any, *, spec: Spec | None = None, run_id: str = "r1") -> Staged:
    """A run in `folder` at `provider`, with a lock file that holds nothing yet."""
    spec = spec or Spec(
        path=folder / "stories.yaml", name="stories", model="base", dataset=Dataset(train=("a",))
    )
    reported: list[Event] = []
    clock = FakeClock()
    profile = registry.get("openai")
    lock = LockFile(folder / "stories.lock.json", name=spec.name, disk=SystemDisk())
    run = Run(
        id=run_id,
        spec=spec,
        target=Target(profile, BASE_URL, BASE_URL),
        journal=Journal(lock, endpoint=BASE_URL, provider=profile.name),
        log=RunLog(folder / ".ftrunner", "runs", run_id),
        answers=folder / ".ftrunner" / "answers",
        connect=lambda: provider,
        emit=reported.append,
        clock=clock,
        random=Random(0),
    )
    return Staged(run, reported, clock)


def record_job(staged: Staged, job: Job, *, fingerprint: str, by: str | None) -> None:
    """Record `job` as the run's, made by the run `by`."""
    staged.run.journal.job_created(
        JobRecord(
            id=job.id,
            run=by,
            fingerprint=fingerprint,
            inputs={},
            status=job.status,
            state=job.state,
            created_at=job.created_at,
        )
    )
