"""A fine-tuning job: created, adopted, followed, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from ftrunner.events.base import Event, Name


class JobCreated(Event, frozen=True):
    """The provider has the job; from here on it costs money."""

    kind: ClassVar[str] = "job_created"
    job_id: Name
    model: Name


class JobAdopted(Event, frozen=True):
    """A job with the same inputs was found at the provider and is used instead of a new one."""

    kind: ClassVar[str] = "job_adopted"
    job_id: Name
    status: str
    reason: str


class JobStatusChanged(Event, frozen=True):
    """The job's status in the provider's words; `state` is its meaning by the profile."""

    kind: ClassVar[str] = "job_status"
    job_id: Name
    status: str
    state: Name
    estimated_finish: float | None = None


class StillWaiting(Event, frozen=True):
    """The job has had this status for `seconds`; at most one a minute."""

    kind: ClassVar[str] = "still_waiting"
    job_id: Name
    status: str
    seconds: float
    estimated_finish: float | None = None


class JobMessage(Event, frozen=True):
    """One event of the job, in the provider's words. `created_at` in Unix seconds.

    `data` holds details if there are any, such as which moderation checks failed.
    """

    kind: ClassVar[str] = "job_message"
    created_at: float | None
    level: str
    message: str
    data: Mapping[str, Any] = msgspec.field(default_factory=dict)


class MetricsReported(Event, frozen=True):
    """The metrics of one training step, as the provider names them."""

    kind: ClassVar[str] = "metrics"
    created_at: float | None
    step: int | None
    total_steps: int | None
    train_loss: float | None
    valid_loss: float | None
    metrics: Mapping[str, Any]


class JobSucceeded(Event, frozen=True):
    """Training is done and the tuned model has a name."""

    kind: ClassVar[str] = "job_succeeded"
    job_id: Name
    model: Name
    trained_tokens: int | None


class JobCancelled(Event, frozen=True):
    """ftrunner cancelled the job. `why` is requested, duplicate or former_inputs."""

    kind: ClassVar[str] = "job_cancelled"
    job_id: Name
    why: Name


class JobNotCancelled(Event, frozen=True):
    """The provider did not cancel the job, which may still be billed. `why` as above."""

    kind: ClassVar[str] = "job_not_cancelled"
    job_id: Name
    why: Name
    error: str


class JobLeftRunning(Event, frozen=True):
    """The run stops following a job that may still be running. `why` is stopped or replaced."""

    kind: ClassVar[str] = "job_left_running"
    job_id: Name
    why: Name


class JobUnconfirmed(Event, frozen=True):
    """A requested job was never confirmed and is not at the provider. It may appear until `until`
    (Unix seconds). `command` finds it; None if this run keeps looking.
    """

    kind: ClassVar[str] = "job_unconfirmed"
    until: float | None
    command: Name | None


class JobsUnclear(Event, frozen=True):
    """Jobs that an unconfirmed request may have created; the provider says too little to decide."""

    kind: ClassVar[str] = "jobs_unclear"
    job_ids: tuple[Name, ...]


class DuplicatesKept(Event, frozen=True):
    """Jobs with the same inputs as `job_id` that were not cancelled. `why` is succeeded, or
    unmarked if the provider does not say what `job_id` was made from.
    """

    kind: ClassVar[str] = "duplicates_kept"
    job_id: Name
    duplicates: tuple[Name, ...]
    why: Name


class DuplicatesUnchecked(Event, frozen=True):
    """ftrunner could not look for jobs with the same inputs; it tries again."""

    kind: ClassVar[str] = "duplicates_unchecked"
    job_id: Name
    error: str


class JobModelGone(Event, frozen=True):
    """A job has the same inputs, but the provider no longer has its model."""

    kind: ClassVar[str] = "job_model_gone"
    job_id: Name


class AdoptionLimited(Event, frozen=True):
    """An identical job started elsewhere cannot be found. `lacks` is job_listing or metadata."""

    kind: ClassVar[str] = "adoption_limited"
    lacks: Name


class AdoptionUnverified(Event, frozen=True):
    """The adopted job does not say which data it was trained on."""

    kind: ClassVar[str] = "adoption_unverified"
    job_id: Name


class JobNotVisible(Event, frozen=True):
    """The provider does not show the job yet."""

    kind: ClassVar[str] = "job_not_visible"
    job_id: Name


class JobStalled(Event, frozen=True):
    """Neither a status nor an event of the job for this many seconds."""

    kind: ClassVar[str] = "job_stalled"
    job_id: Name
    seconds: float


class PollFailed(Event, frozen=True):
    """The status or the events of a job could not be read; ftrunner tries again."""

    kind: ClassVar[str] = "poll_failed"
    job_id: Name
    what: Name
    error: str


class JobEventsUnavailable(Event, frozen=True):
    """The server has no job events; ftrunner follows the status only."""

    kind: ClassVar[str] = "job_events_unavailable"
    job_id: Name


class ResultsMissing(Event, frozen=True):
    """A results file of the job could not be fetched."""

    kind: ClassVar[str] = "results_missing"
    job_id: Name
    file_id: Name
    error: str
