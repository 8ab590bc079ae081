"""The steps of a training that are logged, end an epoch, or precede a validation."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator

from mockserver.data.records import Job
from mockserver.jobs.training import steps_per_epoch, total_steps

MAX_LOGGED_STEPS = 1000
"""With more steps, only evenly spaced ones and the end of each epoch are logged."""
VALIDATED_EVERY = 10
"""Recorded jobs validate at steps 60 and 200, not at 51-59 nor 193-199; 10 is a guess."""


def logged_steps(job: Job) -> list[int]:
    """The steps with metrics, in order: all unless there are very many."""
    total = total_steps(job)
    stride = math.ceil(total / MAX_LOGGED_STEPS)
    ends = (step for _, step in epoch_ends(job))
    return sorted({1, *range(stride, total + 1, stride), *ends})


def epoch_ends(job: Job) -> Iterator[tuple[int, int]]:
    """`(epoch, step)` at the end of each epoch."""
    per_epoch = steps_per_epoch(job)
    for epoch in range(1, int(job.resolved["n_epochs"]) + 1):
        yield epoch, epoch * per_epoch


def ends_epoch(job: Job, step: int) -> bool:
    return step % steps_per_epoch(job) == 0


def noise(job: Job, step: int, series: str) -> float:
    """A number in [-1, 1) that depends on the job's seed."""
    return zlib.crc32(f"{job.seed}:{series}:{step}".encode()) / 2**31 - 1
