"""Following a job to its end: statuses and events as they come, blips survived, stalls told."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ftrunner.api.client import Client
from ftrunner.api.errors import (
    ApiError,
    AuthenticationFailed,
    NotFound,
    PermissionDenied,
)
from ftrunner.api.fields import number, whole
from ftrunner.api.untrusted import shallow
from ftrunner.api.wire import Job, JobEvent
from ftrunner.clock import Clock
from ftrunner.engine.jobs.failure import status_line
from ftrunner.engine.jobs.waiting import RECORD, may_lag
from ftrunner.errors import GaveUpWaiting
from ftrunner.events import (
    Emit,
    JobEventsUnavailable,
    JobMessage,
    JobNotVisible,
    JobStalled,
    JobStatusChanged,
    MetricsReported,
    PollFailed,
)
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Wait
from ftrunner.text import duration

# Known events in a row after which no older one can be new: a page may lack what a later one has.
OVERLAP = 20
LAST_MESSAGES = 5
STEPS = ("step", "global_step", "current_step", "iteration")  # what a step's number is called
ENDS_THE_WAIT = (AuthenticationFailed, PermissionDenied, NotFound)


@dataclass(slots=True)
class Follower:
    """Follows one job.

    `on_change` is called with every status before anything else happens; `settle` says, before each
    poll, which of several jobs of the same inputs to go on with. `go_on` is the command that goes
    on waiting. `last_messages` holds the end of the job's history in its own words.
    """

    client: Client
    clock: Clock
    emit: Emit
    wait: Wait
    on_change: Callable[[Job], None]
    settle: Callable[[Job], Job]
    intervals: Iterable[float]
    go_on: str = "`ftrunner apply`"
    last_messages: deque[JobMessage] = field(default_factory=lambda: deque(maxlen=LAST_MESSAGES))
    _seen: set[str] = field(default_factory=set)
    _has_events: bool = True
    _status: tuple[str, str] | None = None
    _alive_at: float = 0.0
    _stall_told: bool = False
    _lost_at: float | None = None

    def follow(self, job: Job) -> Job:
        """The job once it is over.

        Raises GaveUpWaiting after `wait.timeout` seconds; 401, 403 and 404 as they are. Other
        trouble on the way is told and waited out.
        """
        started = self._alive_at = self.clock.monotonic()
        if job.is_over:
            self._tell_events(job)
        self._tell_status(job)
        for interval in self.intervals:
            if job.is_over:
                break
            self.clock.sleep(min(interval, self._time_left(job, started)))
            job = self._poll(self.settle(job))
        return job

    def _poll(self, job: Job) -> Job:
        """The job as it is now. The last status is told after the events that led to it."""
        try:
            latest = self.client.retrieve_job(job.id)
        except NotFound as error:
            if not self._may_lag(error):
                raise
            self.emit(JobNotVisible(job.id))
            return job
        except ENDS_THE_WAIT:
            raise
        except ApiError as error:
            self.emit(PollFailed(job.id, "status", error.message))
            return job
        self._lost_at = None
        if not latest.is_over:
            self._tell_status(latest)
        self._tell_events(latest)
        self._tell_status(latest)
        return latest

    def _may_lag(self, error: NotFound) -> bool:
        """Whether the job's record has been missing for no longer than it may."""
        now = self.clock.monotonic()
        self._lost_at = now if self._lost_at is None else self._lost_at
        return may_lag(error) and now - self._lost_at < sum(RECORD)

    def _tell_status(self, job: Job) -> None:
        if (job.id, job.status) == self._status:
            return
        self._status = (job.id, job.status)
        self._alive()
        self.on_change(job)
        self.emit(JobStatusChanged(job.id, job.status, str(job.state), job.estimated_finish))

    def _tell_events(self, job: Job) -> None:
        if not self._has_events or self.client.profile.lacks("events"):
            return
        try:
            new = self._new_events(job)
        except NotFound:
            self._has_events = False
            self.emit(JobEventsUnavailable(job.id))
            return
        except ENDS_THE_WAIT:
            raise
        except ApiError as error:
            self.emit(PollFailed(job.id, "events", error.message))
            return
        for event in new:
            self._tell_event(event)

    def _new_events(self, job: Job) -> list[JobEvent]:
        """Oldest first; read newest first, on as many pages as that takes."""
        new: list[JobEvent] = []
        known = 0
        for event in self.client.job_events(job.id):
            if event.id not in self._seen:
                new.append(event)
                known = 0
            elif (known := known + 1) == OVERLAP:
                break
        return new[::-1]

    def _tell_event(self, event: JobEvent) -> None:
        self._seen.add(event.id)
        self._alive()
        told = _as_event(event)
        if isinstance(told, JobMessage):
            self.last_messages.append(told)
        self.emit(told)

    def _alive(self) -> None:
        self._alive_at = self.clock.monotonic()
        self._stall_told = False

    def _time_left(self, job: Job, started: float) -> float:
        """Seconds until the wait is over; tells of a stall on the way. Raises GaveUpWaiting."""
        now = self.clock.monotonic()
        left = self.wait.timeout - (now - started)
        if left <= 0:
            raise self._gave_up(job)
        silent = now - self._alive_at
        if silent >= self.wait.stall_after and not self._stall_told:
            self._stall_told = True
            self.emit(JobStalled(job.id, silent))
        return left

    def _gave_up(self, job: Job) -> GaveUpWaiting:
        """A job may be over where its profile does not know its status."""
        is_known = job.state is not JobState.UNKNOWN or not job.status
        what_next = f"{self.go_on} goes on waiting"
        if not is_known:
            what_next = f"if it is over, {status_line(job, self.client.profile)}; {what_next}"
        return GaveUpWaiting(
            f"{job.id} is still {job.status or 'without a status'} after "
            f"{duration(self.wait.timeout)}; "
            + ("it goes on" if is_known else "the profile does not know this status"),
            code="FT352",
            hint=what_next,
        )


def _as_event(event: JobEvent) -> JobMessage | MetricsReported:
    data = {name: _numeric(value) for name, value in shallow(event.data).items()}
    if not data or not (event.type == "metrics" or _measures(data)):
        return JobMessage(event.created_at, event.level or "info", event.message or "", data)
    return MetricsReported(
        created_at=event.created_at,
        step=next((whole(data, name) for name in STEPS if name in data), None),
        total_steps=whole(data, "total_steps"),
        train_loss=number(data, "train_loss"),
        valid_loss=number(data, "valid_loss"),
        metrics=data,
    )


def _measures(data: Mapping[str, Any]) -> bool:
    """Whether the data of an event, whatever its type is called, are the numbers of a step."""
    numbers = {name for name in data if number(data, name) is not None}
    return bool(numbers & set(STEPS)) and bool(numbers - {*STEPS, "total_steps"})


def _numeric(value: Any) -> Any:
    """The number that a text spells, as some servers write numbers."""
    try:
        spelt = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return value
    return spelt if math.isfinite(spelt) else value
