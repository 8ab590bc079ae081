"""The state of a fine-tuning job at a given time: pure functions of job and time.

A job is a sequence of work: validating, queued, running. Work continues while the job is neither
paused nor cancelled. `Ending` is the amount of work after which the job ends, and how. Everything
a client sees follows from it, so responses are always consistent and nothing runs in the
background.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from mockserver.data.records import Job, Pace, Refusal, TrainingData

Status = Literal[
    "validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"
]
TERMINAL: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})

VALIDATING_SECONDS = 10.0
QUEUED_SECONDS = 20.0
RUNNING_SECONDS = 60.0
SECONDS_PER_STEP = 2.2
MAX_RUNNING_SECONDS = 3600.0
"""With these, ten examples and ten epochs take about five minutes, as they first did at OpenAI."""

TARGET_EPOCHS = 3
MIN_TARGET_EXAMPLES, MAX_TARGET_EXAMPLES = 100, 25_000
MAX_AUTO_EPOCHS = 25
"""The rule for `n_epochs: auto` of OpenAI's cookbook notebook on preparing chat data."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a job, after `work` seconds of work."""

    work: float
    status: Literal["succeeded", "failed", "cancelled"]
    error: Refusal | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A job at a given time."""

    status: Status
    step: int
    finished_at: float | None = None
    error: Refusal | None = None

    @property
    def ended(self) -> bool:
        return self.status in TERMINAL


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period of work on a job; `work` was done before it."""

    start: float
    end: float
    work: float


def state_at(job: Job, now: float) -> State:
    """The job's state at `now` (seconds since the epoch)."""
    ending = ending_of(job)
    done = work_done(job, now)
    if ending is not None and done >= ending.work:
        step = total_steps(job) if ending.status == "succeeded" else _step(job, ending.work)
        return State(ending.status, step, moment_of(job, ending.work), ending.error)
    last = next((change for change in reversed(job.changes) if change.at <= now), None)
    if last is not None and last.kind == "cancel":
        return State("cancelled", _step(job, done), last.at)
    if last is not None and last.kind == "pause":
        return State("paused", _step(job, done))
    return State(_phase(job, done), _step(job, done))


def ending_of(job: Job) -> Ending | None:
    """How the job ends without intervention; None if it is stuck."""
    outcome, pace = job.outcome, job.pace
    endings = [Ending(total_work(pace), "succeeded")]
    if job.refusal is not None:
        endings.append(Ending(pace.validating, "failed", job.refusal))
    if outcome.fails_in is not None:
        endings.append(Ending(_failing_work(pace, outcome.fails_in), "failed", outcome.error))
    if outcome.cancelled_after is not None:
        endings.append(Ending(outcome.cancelled_after, "cancelled"))
    first = min(endings, key=lambda ending: (ending.work, ending.status == "succeeded"))
    if outcome.stuck_in is not None and first.work > _start_of(pace, outcome.stuck_in):
        return None
    return first


def total_work(pace: Pace) -> float:
    return pace.validating + pace.queued + pace.running


def stretches(job: Job) -> list[Stretch]:
    """The periods of work on the job, in order; the last may be endless."""
    found: list[Stretch] = []
    start: float | None = job.created_at
    work = 0.0
    for change in job.changes:
        if change.kind == "resume":
            start = change.at if start is None else start
        elif start is not None:
            found.append(Stretch(start, change.at, work))
            work += change.at - start
            start = None
    if start is not None:
        found.append(Stretch(start, math.inf, work))
    return found


def work_done(job: Job, now: float) -> float:
    """Seconds of work from the job's creation until `now`."""
    return sum(max(0.0, min(part.end, now) - part.start) for part in stretches(job))


def moment_of(job: Job, work: float) -> float:
    """The time at which this much work is done; infinite if never."""
    for part in stretches(job):
        if part.work + (part.end - part.start) >= work:
            return part.start + (work - part.work)
    return math.inf


def estimated_finish(job: Job, now: float) -> float | None:
    """The expected end of a running job; None in every other state."""
    if state_at(job, now).status != "running":
        return None
    return now + max(0.0, total_work(job.pace) - work_done(job, now))


def pace_for(steps: int, speed: float) -> Pace:
    """The durations of the phases for this many steps, divided by `speed`."""
    running = min(RUNNING_SECONDS + SECONDS_PER_STEP * steps, MAX_RUNNING_SECONDS)
    return Pace(
        validating=VALIDATING_SECONDS / speed,
        queued=QUEUED_SECONDS / speed,
        running=running / speed,
    )


def auto_epochs(examples: int) -> int:
    """The value of `n_epochs: auto` for this many examples.

    The runner's estimate repeats this rule on purpose: the mock does not depend on the runner.
    """
    if examples * TARGET_EPOCHS < MIN_TARGET_EXAMPLES:
        return min(MAX_AUTO_EPOCHS, MIN_TARGET_EXAMPLES // max(examples, 1))
    if examples * TARGET_EPOCHS > MAX_TARGET_EXAMPLES:
        return max(1, MAX_TARGET_EXAMPLES // examples)
    return TARGET_EPOCHS


def auto_batch_size(examples: int) -> int:
    """About 0.2 % of the examples, within 1..256, as OpenAI describes its default."""
    return min(256, max(1, round(examples * 0.002)))


def steps_for(data: TrainingData, *, epochs: int, batch_size: int) -> int:
    return max(1, math.ceil(data.examples / batch_size)) * epochs


def total_steps(job: Job) -> int:
    return steps_for(
        job.data, epochs=job.resolved["n_epochs"], batch_size=job.resolved["batch_size"]
    )


def steps_per_epoch(job: Job) -> int:
    return total_steps(job) // int(job.resolved["n_epochs"])


def work_at_step(job: Job, step: int) -> float:
    """Seconds of work after which this step is complete."""
    pace = job.pace
    return pace.validating + pace.queued + pace.running * step / total_steps(job)


def trained_tokens(job: Job) -> int:
    """Billable tokens of all epochs."""
    return job.data.tokens * int(job.resolved["n_epochs"])


def _phase(job: Job, done: float) -> Status:
    phase: Status = "running"
    if done < job.pace.validating:
        phase = "validating_files"
    elif done < job.pace.validating + job.pace.queued:
        phase = "queued"
    stuck = job.outcome.stuck_in
    if stuck is not None and done >= _start_of(job.pace, stuck):
        return stuck
    return phase


def _step(job: Job, done: float) -> int:
    running = done - job.pace.validating - job.pace.queued
    if running <= 0:
        return 0
    if job.outcome.stuck_in is not None and job.outcome.stuck_in != "running":
        return 0
    share = min(1.0, running / job.pace.running)
    if job.outcome.stuck_in == "running":
        share = min(share, 0.5)
    # The small number avoids losing a step that ends exactly now to rounding.
    return math.floor(share * total_steps(job) + 1e-9)


def _start_of(pace: Pace, phase: str) -> float:
    starts = {
        "validating_files": 0.0,
        "queued": pace.validating,
        "running": pace.validating + pace.queued,
    }
    return starts[phase]


def _failing_work(pace: Pace, phase: str) -> float:
    ends = {
        "validating_files": pace.validating,
        "queued": pace.validating + pace.queued,
        "running": pace.validating + pace.queued + pace.running / 2,
        "succeeded": total_work(pace),
    }
    return ends[phase]
