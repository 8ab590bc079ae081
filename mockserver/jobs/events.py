"""A job's events and checkpoints up to a given time, computed from the job alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from mockserver.data.records import Job
from mockserver.ids import derived
from mockserver.jobs.training import (
    Ending,
    ending_of,
    moment_of,
    state_at,
    total_steps,
    total_work,
    work_at_step,
    work_done,
)
from mockserver.metrics import StepMetrics, StepRewards, epoch_ends, logged_steps, metrics_at

CHECKPOINTS_KEPT = 3
"""Only the checkpoints of the last three epochs are kept (OpenAI's fine-tuning guide)."""

Metrics = StepMetrics | StepRewards
Level = Literal["info", "warn", "error"]
EventType = Literal["message", "metrics", "moderation_checks"]
"""The third is in the guide, but not in the contract."""


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    at: float
    level: Level
    message: str
    type: EventType = "message"
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    id: str
    at: float
    model: str
    epoch: int
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class _Happening:
    """An event without a time yet: it occurs after `work` seconds of work."""

    work: float
    level: Level
    message: str
    metrics: Metrics | None = None
    type: EventType = "message"
    is_bare: bool = False
    """Whether its `data` is null, as in one event of the service."""


def events_at(job: Job, now: float) -> list[Event]:
    """All events of the job until `now`, oldest first."""
    done = work_done(job, now)
    timed = [
        (moment_of(job, happening.work), happening)
        for happening in _happenings(job)
        if happening.work <= done
    ]
    timed += [(change.at, _CHANGES[change.kind]) for change in job.changes if change.at <= now]
    timed.sort(key=lambda pair: pair[0])
    return [_event(job, at, number, what) for number, (at, what) in enumerate(timed)]


def checkpoints_at(job: Job, now: float) -> list[Checkpoint]:
    """The checkpoints of a job that has succeeded at `now`, oldest first.

    Source: a recorded job of 2024 and OpenAI's guide, which advises to wait for success. The last
    one is the tuned model; the names of the others have another random part.
    """
    if state_at(job, now).status != "succeeded":
        return []
    return epochs_at(job, now)[-CHECKPOINTS_KEPT:]


def epochs_at(job: Job, now: float) -> list[Checkpoint]:
    """A checkpoint for each epoch complete at `now`, for providers that keep all."""
    ending, done = ending_of(job), work_done(job, now)
    reached = done if ending is None else min(done, ending.work)
    return [
        Checkpoint(
            derived("ftckpt_", job.id, step),
            moment_of(job, work_at_step(job, step)),
            checkpoint_name(job, step),
            epoch,
            metrics_at(job, step),
        )
        for epoch, step in epoch_ends(job)
        if _shown(job, work_at_step(job, step), reached)
    ]


def checkpoint_name(job: Job, step: int) -> str:
    """The model name of a checkpoint; for the last step, the tuned model's name."""
    if step == total_steps(job):
        return job.tuned_model
    family = job.tuned_model.rpartition(":")[0] or job.tuned_model
    return f"{family}:{derived('', job.id, step, length=8)}:ckpt-step-{step}"


def _shown(job: Job, work: float, reached: float) -> bool:
    limit = _last_work(job)
    return work <= reached + 1e-9 and (limit is None or work <= limit)


def _last_work(job: Job) -> float | None:
    """The work at which a stuck job stops; None if it is not stuck."""
    pace = job.pace
    limits = {
        None: None,
        "validating_files": 0.0,
        "queued": pace.validating,
        "running": pace.validating + pace.queued + pace.running / 2,
    }
    return limits[job.outcome.stuck_in]


def _happenings(job: Job) -> Iterator[_Happening]:
    """All events of a complete job, up to the end of this one."""
    ending, limit = ending_of(job), _last_work(job)
    for happening in _planned(job):
        if limit is not None and happening.work > limit:
            return
        if ending is not None and happening.work >= ending.work:
            break
        yield happening
    if ending is not None:
        yield from _closing(job, ending)


def _planned(job: Job) -> Iterator[_Happening]:
    validated = job.pace.validating
    yield _Happening(0.0, "info", f"Created fine-tuning job: {job.id}")
    files = f"training file: {job.training_file}"
    if job.validation_file:
        files += f" and validation file: {job.validation_file}"
    yield _Happening(0.0, "info", f"Validating {files}")
    yield _Happening(validated, "info", "Files validated, moving job to queued state")
    started = validated + job.pace.queued
    yield _Happening(started, "info", "Fine-tuning job started", is_bare=True)
    total = total_steps(job)
    for step in logged_steps(job)[:-1]:
        metrics = metrics_at(job, step)
        yield _Happening(work_at_step(job, step), "info", metrics.message(total), metrics)


def _closing(job: Job, ending: Ending) -> Iterator[_Happening]:
    if ending.status == "failed":
        if job.outcome.moderated:
            yield _Happening(ending.work, "info", _MODERATION, type="moderation_checks")
        error = ending.error
        text = error.message if error else "The job failed due to an internal error."
        yield _Happening(ending.work, "error", text)
    elif ending.status == "cancelled":
        yield _Happening(ending.work, "info", "Fine-tuning job cancelled by another user")
    else:
        total, work = total_steps(job), total_work(job.pace)
        metrics = metrics_at(job, total)
        yield _Happening(work, "info", metrics.message(total), metrics)
        for step in [step for _, step in epoch_ends(job)][-CHECKPOINTS_KEPT:-1]:
            snapshot = checkpoint_name(job, step)
            text = f"Checkpoint created at step {step} with Snapshot ID: {snapshot}"
            yield _Happening(work, "info", text)
        yield _Happening(work, "info", f"New fine-tuned model created: {job.tuned_model}")
        yield _Happening(work, "info", "The job has successfully completed")


def _event(job: Job, at: float, number: int, what: _Happening) -> Event:
    return Event(
        derived("ftevent-", job.id, number),
        at,
        what.level,
        what.message,
        "metrics" if what.metrics else what.type,
        _data(job, what),
    )


def _data(job: Job, what: _Happening) -> dict[str, Any] | None:
    if what.metrics:
        return what.metrics.data(total_steps(job))
    return None if what.is_bare else {}


_MODERATION = "Moderation checks for the fine-tuned model failed"
_CHANGES = {
    "cancel": _Happening(0.0, "info", "Fine-tuning job cancelled"),
    "pause": _Happening(0.0, "info", "Fine-tuning job paused"),
    "resume": _Happening(0.0, "info", "Fine-tuning job resumed"),
}
