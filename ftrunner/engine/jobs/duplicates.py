"""If two machines start the same job, all choose the same one and cancel the others.

The same happens if one request creates two jobs. ftrunner looks after creating a job, at every poll
until lists are up to date (`Schedules.list_lag`) and no request is unconfirmed, once more when the
job has ended, and in the next command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ftrunner.api.errors import ApiError, AuthenticationFailed, PermissionDenied
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import (
    FINGERPRINT_KEY,
    RUN_KEY,
    created_by,
    is_fresh,
    same_inputs,
)
from ftrunner.engine.jobs.observe import is_usable, jobs_at
from ftrunner.engine.jobs.records import record_adopted_job
from ftrunner.errors import StateError
from ftrunner.events import (
    DuplicatesKept,
    DuplicatesUnchecked,
    Event,
    JobCancelled,
    JobNotCancelled,
    JobsUnclear,
)
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobIntent


@dataclass(slots=True)
class DuplicateWatch:
    """Looks for other jobs with the same inputs as one job."""

    run: Run
    fingerprint: str
    inputs: Mapping[str, Any]
    _reported: set[Event] = field(default_factory=set)
    _is_left: bool = False

    def look(self, job: Job) -> Job:
        """The job to continue with: `job`, unless another with the same inputs goes first.

        The others are cancelled. A job created by `--fresh` is a duplicate on purpose, and a job
        adopted by hand may not say what it was made from; both stay. Raises AuthenticationFailed,
        PermissionDenied, and StateError if a running job may be another one with these inputs;
        other errors are reported, and the next look tries again.
        """
        self._is_left, now = False, self.run.clock.now()
        try:
            first = self._resolved(job)
        except (AuthenticationFailed, PermissionDenied):
            raise
        except ApiError as error:
            self._report(DuplicatesUnchecked(job.id, error.message))
            return job
        if not self._is_left:
            self.run.journal.close_intents(now)
        return first

    def look_while_open(self, job: Job) -> Job:
        """The same while another job may still appear; otherwise no request is sent."""
        return self.look(job) if self.run.journal.record.open_intents else job

    def _resolved(self, job: Job) -> Job:
        rivals = self._rivals(job)
        if not rivals:
            return job
        followed = self._marked(self.run.client.retrieve_job(job.id))
        if FINGERPRINT_KEY not in followed.metadata:
            ids = tuple(rival.id for rival in rivals)
            self._report(DuplicatesKept(job.id, ids, "unmarked"))
            return job
        alike = same_inputs((followed, *map(self._latest, rivals)), self.fingerprint)
        if not alike or not all(is_usable(self.run, one) for one in alike):
            return job  # a model that was tuned just now may have no record yet
        first, *others = alike
        for other in others:
            self._end(other, first)
        if first.id == job.id:
            return job
        return record_adopted_job(
            self.run,
            first,
            fingerprint=self.fingerprint,
            inputs=self.inputs,
            reason="it was started first",
            run_id=first.metadata.get(RUN_KEY),
        )

    def _rivals(self, job: Job) -> list[Job]:
        """The other jobs with the same inputs, as the provider lists them."""
        unconfirmed = self.run.journal.record.unconfirmed_jobs
        jobs = jobs_at(self.run, None if unconfirmed else self.fingerprint) or []
        followed = self._marked(next((one for one in jobs if one.id == job.id), job))
        alike = {
            one.id: one for one in same_inputs(jobs, self.fingerprint) if _compete(followed, one)
        }
        for intent in unconfirmed:
            alike |= {one.id: one for one in self._of_intent(intent, jobs, job)}
        alike.pop(job.id, None)
        return list(alike.values())

    def _of_intent(self, intent: JobIntent, jobs: list[Job], job: Job) -> list[Job]:
        """The new jobs that an unconfirmed request created, also without metadata.

        A job of former inputs is cancelled.
        """
        found = created_by(intent, jobs, {*intent.known, job.id})
        if found.unclear and not found.created:
            self._report(JobsUnclear(tuple(one.id for one in found.unclear)))
            self._stop_beside(job, [one for one in found.unclear if not one.is_over])
        if intent.fingerprint == self.fingerprint:
            marked = (_with_marks(one, intent.run, intent.fingerprint) for one in found.created)
            return [one for one in marked if _compete(self._marked(job), one)]
        for one in found.created:
            if not one.state.is_final:
                self._cancel(one, "former_inputs")
        return []

    def _stop_beside(self, job: Job, unclear: list[Job]) -> None:
        """Raises StateError if only a person can decide where a running job comes from."""
        if not unclear:
            return
        names = ", ".join(f"{one.id} ({one.status})" for one in unclear)
        forget, again = self.run.command("forget"), self.run.command("apply")
        raise StateError(
            f"{names} runs in addition to {job.id}, and may come from an unconfirmed request",
            code="FT408",
            hint="look at the provider's job list; cancel it there if it is yours, or run "
            f"{forget} if it is not; then {again} continues with {job.id}",
        )

    def _marked(self, job: Job) -> Job:
        """`job` with the metadata it was created with, if the provider does not echo it."""
        recorded = self.run.journal.record.job
        creator = recorded.run if recorded and recorded.id == job.id else None
        if creator is None or FINGERPRINT_KEY in job.metadata:
            return job
        return _with_marks(job, creator, self.fingerprint)

    def _latest(self, job: Job) -> Job:
        """The job as retrieved by id, which may be newer than the list; its metadata is kept."""
        latest = self.run.client.retrieve_job(job.id)
        return replace(latest, metadata={**job.metadata, **latest.metadata})

    def _end(self, job: Job, kept: Job) -> None:
        if job.state is JobState.SUCCEEDED:
            self._report(DuplicatesKept(kept.id, (job.id,), "succeeded"))
        else:
            self._cancel(job, "duplicate")

    def _cancel(self, job: Job, why: str) -> None:
        try:
            self.run.client.cancel_job(job.id)
        except ApiError as error:
            self._is_left = True
            self._report(JobNotCancelled(job.id, why, error.message))
        else:
            self.run.emit(JobCancelled(job.id, why))

    def _report(self, event: Event) -> None:
        """Emit `event`, once for all looks."""
        if event not in self._reported:
            self._reported.add(event)
            self.run.emit(event)


def _compete(job: Job, other: Job) -> bool:
    """Whether only one of the two should run."""
    if is_fresh(job) or is_fresh(other):
        return job.metadata.get(RUN_KEY) == other.metadata.get(RUN_KEY)
    return True


def _with_marks(job: Job, run_id: str, fingerprint: str) -> Job:
    return replace(job, metadata={**job.metadata, FINGERPRINT_KEY: fingerprint, RUN_KEY: run_id})
