"""One endpoint's record; every change is on disk before the next request."""

from __future__ import annotations

from dataclasses import replace

from ftrunner.state.lock import (
    Current,
    FileIntent,
    FileRecord,
    JobIntent,
    JobRecord,
    Lock,
    Record,
    ResourceIntent,
    ResourceRecord,
    TestsRecord,
)
from ftrunner.state.lockfile import LockFile


class Journal:
    """The only writer of a lock file during a run.

    Invariant: an intent is on disk before the request it announces is sent, and leaves the file
    together with the outcome, in one write.
    """

    def __init__(self, file: LockFile, *, endpoint: str, provider: str) -> None:
        self._file = file
        self._endpoint = endpoint
        self._lock: Lock = file.read()
        self._record = self._lock.endpoints.get(endpoint) or Record(provider=provider)

    @property
    def record(self) -> Record:
        """The current record."""
        return self._record

    def intend_file(self, intent: FileIntent) -> None:
        """Announce an upload."""
        self._save(replace(self._record, file_intent=intent))

    def file_created(self, split: str, file: FileRecord) -> None:
        """The outcome of an upload."""
        files = {**self._record.files, split: file}
        self._save(replace(self._record, files=files, file_intent=None))

    def no_file_created(self) -> None:
        """The announced upload was not carried out."""
        self._save(replace(self._record, file_intent=None))

    def file_deleted(self, split: str) -> None:
        """The split's file is no longer at the provider."""
        files = {key: file for key, file in self._record.files.items() if key != split}
        self._save(replace(self._record, files=files))

    def intend_job(self, intent: JobIntent) -> None:
        """Announce a job."""
        self._save(replace(self._record, job_intent=intent))

    def job_created(self, job: JobRecord, *, keep_open: JobIntent | None = None) -> None:
        """The outcome of creating a job; `keep_open` stays open until it expires."""
        record = replace(self._record, job=job, job_intent=None)
        self._save(_with_open(record, keep_open) if keep_open else record)

    def job_adopted(self, job: JobRecord) -> None:
        """The outcome of adopting a job. Files of other data are not what it was made from."""
        files = {s: f for s, f in self._record.files.items() if f.sha256 == job.inputs.get(s)}
        self._save(replace(self._record, job=job, files=files, job_intent=None))

    def no_job_created(self) -> None:
        """The announced job was not created."""
        self._save(replace(self._record, job_intent=None))

    def job_unconfirmed(self, intent: JobIntent) -> None:
        """The announced job is not at the provider, and may still appear."""
        self._save(_with_open(replace(self._record, job_intent=None), intent))

    def close_intents(self, now: float) -> None:
        """Drop the open intents that had expired at the last look, which was at `now`."""
        still = tuple(i for i in self._record.open_intents if i.until is None or i.until > now)
        if still != self._record.open_intents:
            self._save(replace(self._record, open_intents=still))

    def drop_unconfirmed_jobs(self) -> None:
        """The user says that no unconfirmed request created a job."""
        answered = tuple(i for i in self._record.open_intents if i.job is not None)
        self._save(replace(self._record, job_intent=None, open_intents=answered))

    def job_changed(self, job: JobRecord) -> None:
        """A new status; nothing is written where nothing changed."""
        if job != self._record.job:
            self._save(replace(self._record, job=job))

    def intend_resource(self, intent: ResourceIntent) -> None:
        """Announce what a model needs before it answers."""
        self._save(replace(self._record, resource_intent=intent))

    def resource_created(self, resource: ResourceRecord) -> None:
        """The outcome of creating or finding it."""
        resources = (*self._record.resources, resource)
        self._save(replace(self._record, resources=resources, resource_intent=None))

    def no_resource_created(self) -> None:
        """The announced resource was not created."""
        self._save(replace(self._record, resource_intent=None))

    def resource_deleted(self, resource: ResourceRecord) -> None:
        """The resource is no longer at the provider, and the model does not answer."""
        job, left = self._record.job, [r for r in self._record.resources if r != resource]
        silent = replace(job, asked_as=None) if job and job.id == resource.job else job
        self._save(replace(self._record, resources=tuple(left), job=silent))

    def answers_as(self, name: str | None) -> None:
        """The name that chat takes for the recorded job's model, where it is not the model's."""
        if self._record.job is not None:
            self.job_changed(replace(self._record.job, asked_as=name))

    def tested(self, tests: TestsRecord, current: Current | None) -> None:
        """The verdict, and the new current model; None keeps the current one."""
        self._save(replace(self._record, tests=tests, current=current or self._record.current))

    def drift_acknowledged(self, found: tuple[str, ...]) -> None:
        """These differences are known; `drift` passes over them."""
        self._save(replace(self._record, acknowledged=found))

    def model_deleted(self) -> None:
        """The job's model is no longer at the provider; its verdict is dropped, too."""
        self._save(replace(self._record, job=None, tests=None, current=None))

    def forget(self) -> None:
        """Drop the endpoint's record; every other endpoint's is left alone."""
        endpoints = {k: v for k, v in self._lock.endpoints.items() if k != self._endpoint}
        self._lock = replace(self._lock, endpoints=endpoints)
        self._record = Record(provider=self._record.provider)
        self._file.write(self._lock)

    def _save(self, record: Record) -> None:
        self._record = record
        self._lock = self._lock.with_record(self._endpoint, record)
        self._file.write(self._lock)


def _with_open(record: Record, intent: JobIntent) -> Record:
    """`record` with `intent` open; other unconfirmed jobs stay open."""
    others = [i for i in record.open_intents if (i.run, i.job) != (intent.run, intent.job)]
    return replace(record, open_intents=(*others, intent))
