"""Following a job to its end: statuses and events as they come, blips survived, stalls told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ftrunner.api.client import Client
from ftrunner.api.errors import (
    ApiError,
    AuthenticationFailed,
    NotFound,
    PermissionDenied,
)
from ftrunner.api.wire import Job, JobEvent
from ftrunner.clock import Clock
from ftrunner.errors import GaveUpWaiting
from ftrunner.events import Emit, JobMessage, JobStatusChanged, MetricsReported, Noted
from ftrunner.spec.model import Wait

SETTLING_POLLS = 2
_ENDS_THE_WAIT = (AuthenticationFailed, PermissionDenied, NotFound)


@dataclass(slots=True)
class Follower:
    """Follows one job.

    `on_change` is told of every status before anything else happens; `settle` says, at the first
    polls, which of several jobs of the same inputs to go on with.
    """

    client: Client
    clock: Clock
    emit: Emit
    wait: Wait
    on_change: Callable[[Job], None]
    settle: Callable[[Job], Job]
    intervals: Iterable[float]
    _seen: set[str] = field(default_factory=set)
    _without_events: bool = False
    _status: str | None = None
    _alive_at: float = 0.0
    _stall_told: bool = False

    def follow(self, job: Job) -> Job:
        """The job in its final state.

        Raises GaveUpWaiting after `wait.timeout` seconds; 401, 403 and 404 as they are. Other
        trouble on the way is told and waited out.
        """
        started = self._alive_at = self.clock.monotonic()
        self._report(job)
        for poll, interval in enumerate(self.intervals):
            if job.state.is_final:
                break
            self._check_time(job, started)
            self.clock.sleep(interval)
            if poll < SETTLING_POLLS:
                job = self.settle(job)
            job = self._poll(job)
        return job

    def _poll(self, job: Job) -> Job:
        try:
            latest = self.client.retrieve_job(job.id)
            self._report(latest)
        except _ENDS_THE_WAIT:
            raise
        except ApiError as error:
            self.emit(Noted(f"no status this time: {error.message}", level="warning"))
            return job
        return latest

    def _report(self, job: Job) -> None:
        """Tell what is new. The last status comes after the events that led to it."""
        if not job.state.is_final:
            self._report_status(job)
        for event in self._new_events(job):
            self._alive()
            self.emit(_as_event(event))
        self._report_status(job)

    def _report_status(self, job: Job) -> None:
        if job.status == self._status:
            return
        self._status = job.status
        self._alive()
        self.on_change(job)
        self.emit(JobStatusChanged(job.id, job.status, str(job.state), job.estimated_finish))

    def _new_events(self, job: Job) -> list[JobEvent]:
        """Newest first until one that is known, on as many pages as that takes; then turned."""
        if self._without_events or self.client.profile.lacks("events"):
            return []
        new: list[JobEvent] = []
        try:
            for event in self.client.job_events(job.id):
                if event.id in self._seen:
                    break
                new.append(event)
        except NotFound:
            self._without_events = True
            self.emit(Noted("this server has no job events; following the status alone"))
        self._seen.update(event.id for event in new)
        return new[::-1]

    def _alive(self) -> None:
        self._alive_at = self.clock.monotonic()
        self._stall_told = False

    def _check_time(self, job: Job, started: float) -> None:
        now = self.clock.monotonic()
        if now - started > self.wait.timeout:
            raise GaveUpWaiting(
                f"{job.id} is still {job.status} after {self.wait.timeout / 3600:g} h; it goes on",
                code="FT352",
                hint="run `ftrunner apply` again to go on waiting",
            )
        silent = now - self._alive_at
        if silent > self.wait.stall_after and not self._stall_told:
            self._stall_told = True
            self.emit(Noted(f"{job.id}: nothing new for {silent / 60:.0f} min", level="warning"))


def _as_event(event: JobEvent) -> JobMessage | MetricsReported:
    data = event.data
    if event.type != "metrics" or not data:
        return JobMessage(event.created_at, event.level or "info", event.message or "")
    return MetricsReported(
        created_at=event.created_at,
        step=_whole(data.get("step")),
        total_steps=_whole(data.get("total_steps")),
        train_loss=_number(data.get("train_loss")),
        valid_loss=_number(data.get("valid_loss")),
        metrics=data,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
