"""Follow a job to its end: report statuses and events, survive outages, warn about stalls."""

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
from ftrunner.api.wire import Job, JobEvent
from ftrunner.clock import Clock
from ftrunner.engine.jobs.failure import status_line
from ftrunner.engine.waiting import may_lag
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
    StillWaiting,
)
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Wait
from ftrunner.text import duration

# After so many known events in a row no older one is new; a page may lack single events.
OVERLAP = 20
LAST_MESSAGES = 5
STEPS = ("step", "global_step", "current_step", "iteration")  # what a step's number is called
STILL_WAITING = 60.0  # seconds between two reports that nothing changed
_LEVELS = 20  # of nesting that a provider's details may have
ENDS_THE_WAIT = (AuthenticationFailed, PermissionDenied, NotFound)


@dataclass(slots=True)
class Follower:
    """Follows one job.

    `on_change` is called with every new status first; `resolve_duplicates` chooses, before each
    poll, which of several jobs with the same inputs to follow. The job's record may be missing for
    `may_be_missing` seconds. `go_on` is the command that continues waiting. `last_messages` holds
    the last messages of the job.
    """

    client: Client
    clock: Clock
    emit: Emit
    wait: Wait
    on_change: Callable[[Job], None]
    resolve_duplicates: Callable[[Job], Job]
    intervals: Iterable[float]
    may_be_missing: float
    go_on: str = "`ftrunner apply`"
    last_messages: deque[JobMessage] = field(default_factory=lambda: deque(maxlen=LAST_MESSAGES))
    _seen: set[str] = field(default_factory=set)
    _has_events: bool = True
    _status: tuple[str, str] | None = None
    _status_since: float = 0.0
    _reported_at: float = 0.0
    _alive_at: float = 0.0
    _stall_reported: bool = False
    _lost_at: float | None = None

    def follow(self, job: Job) -> Job:
        """The job once it is over.

        Raises GaveUpWaiting after `wait.timeout` seconds, and the errors 401, 403 and 404. Other
        errors are reported, and the next poll tries again.
        """
        started = self._alive_at = self.clock.monotonic()
        if job.is_over:
            self._report_events(job)
        self._report_status(job)
        for interval in self.intervals:
            if job.is_over:
                break
            self.clock.sleep(min(interval, self._time_left(job, started)))
            job = self._poll(self.resolve_duplicates(job))
        return job

    def _poll(self, job: Job) -> Job:
        """The job as it is now. Events are reported before the final status."""
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
            self._report_status(latest)
        self._report_events(latest)
        self._report_status(latest)
        return latest

    def _may_lag(self, error: NotFound) -> bool:
        """Whether the job's record has been missing for no longer than it may."""
        now = self.clock.monotonic()
        self._lost_at = now if self._lost_at is None else self._lost_at
        return may_lag(error) and now - self._lost_at < self.may_be_missing

    def _report_status(self, job: Job) -> None:
        if (job.id, job.status) == self._status:
            self._report_waiting(job)
            return
        self._status = (job.id, job.status)
        self._alive()
        self._status_since = self._reported_at = self._alive_at
        self.on_change(job)
        self.emit(JobStatusChanged(job.id, job.status, str(job.state), job.estimated_finish))

    def _report_waiting(self, job: Job) -> None:
        now = self.clock.monotonic()
        if now - self._reported_at >= STILL_WAITING and not job.is_over:
            self._reported_at = now
            waited = now - self._status_since
            self.emit(StillWaiting(job.id, job.status, waited, job.estimated_finish))

    def _report_events(self, job: Job) -> None:
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
        if new:
            self._alive()
        for event in new:
            self._report_event(event)

    def _new_events(self, job: Job) -> list[JobEvent]:
        """Oldest first. Pages are read newest first until known events follow."""
        new: list[JobEvent] = []
        known = 0
        for event in self.client.job_events(job.id):
            if event.id not in self._seen:
                new.append(event)
                known = 0
            elif (known := known + 1) == OVERLAP:
                break
        return new[::-1]

    def _report_event(self, event: JobEvent) -> None:
        self._seen.add(event.id)
        reported = _as_event(event)
        if isinstance(reported, JobMessage):
            self.last_messages.append(reported)
        self.emit(reported)

    def _alive(self) -> None:
        self._alive_at = self.clock.monotonic()
        self._stall_reported = False

    def _time_left(self, job: Job, started: float) -> float:
        """Seconds until the timeout; reports a stall. Raises GaveUpWaiting."""
        now = self.clock.monotonic()
        left = self.wait.timeout - (now - started)
        if left <= 0:
            raise self._gave_up(job)
        silent = now - self._alive_at
        if silent >= self.wait.stall_after and not self._stall_reported:
            self._stall_reported = True
            self.emit(JobStalled(job.id, silent))
        return left

    def _gave_up(self, job: Job) -> GaveUpWaiting:
        """The error at the timeout; a job with an unknown status may be over."""
        is_known = job.state is not JobState.UNKNOWN or not job.status
        what_next = f"{self.go_on} continues waiting"
        if not is_known:
            what_next = f"if it is over, {status_line(job, self.client.profile)}; {what_next}"
        return GaveUpWaiting(
            f"{job.id} is still {job.status or 'without a status'} after "
            f"{duration(self.wait.timeout)}; "
            + ("it keeps running" if is_known else "the profile does not know this status"),
            code="FT352",
            hint=what_next,
        )


def _as_event(event: JobEvent) -> JobMessage | MetricsReported:
    data = {name: _numeric(_shallow(value, _LEVELS - 1)) for name, value in event.data.items()}
    if not data or not (event.type == "metrics" or _measures(data)):
        return JobMessage(event.created_at, event.level or "info", event.message or "", data)
    return MetricsReported(
        created_at=event.created_at,
        step=whole(data, next(filter(data.__contains__, STEPS), STEPS[0])),
        total_steps=whole(data, "total_steps"),
        train_loss=number(data, "train_loss"),
        valid_loss=number(data, "valid_loss"),
        metrics=data,
    )


def _measures(data: Mapping[str, Any]) -> bool:
    """Whether the data of an event are the metrics of a step, whatever its type is called."""
    numbers = {name for name in data if number(data, name) is not None}
    return bool(numbers & set(STEPS)) and bool(numbers - {*STEPS, "total_steps"})


def _numeric(value: Any) -> Any:
    """The number that a text spells, as some servers write numbers."""
    if not isinstance(value, str):
        return value
    try:
        spelt = float(value)
    except ValueError:
        return value
    return spelt if math.isfinite(spelt) else value


def _shallow(value: Any, levels: int) -> Any:
    """`value` as deep as anyone reads it: writing one as deep as can be read may fail."""
    if isinstance(value, dict):
        return {k: _shallow(v, levels - 1) for k, v in value.items()} if levels else "…"
    if isinstance(value, list):
        return [_shallow(item, levels - 1) for item in value] if levels else "…"
    return value
