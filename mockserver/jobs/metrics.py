"""Losses of a training, as numbers that follow from the data, the steps and the job's seed.

The training loss starts at the entropy of the completions and falls, faster with a higher
learning rate. The validation loss follows it and rises again once there are more epochs than
so few examples can bear.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from mockserver.data.records import Job
from mockserver.jobs.training import steps_per_epoch, total_steps

MAX_LOGGED_STEPS = 1000
"""Above this many steps only some are logged, evenly spread, and the end of each epoch."""
FLOOR = 0.04
"""The share of the first loss that training never gets below."""
DECAY_PER_EPOCH = 0.55
NOISE = 0.06
OVERFITTING_SLOPE = 0.12


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """The metrics of one step, under the names that they have on the wire."""

    step: int
    train_loss: float
    train_mean_token_accuracy: float
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    """On the whole validation file: only at the end of an epoch."""
    full_valid_mean_token_accuracy: float | None = None

    def known(self) -> dict[str, float]:
        """The metrics that this step has, by name."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def logged_steps(job: Job) -> list[int]:
    """The steps that have metrics, in order: all of them unless there are very many."""
    total = total_steps(job)
    stride = math.ceil(total / MAX_LOGGED_STEPS)
    epoch_ends = range(steps_per_epoch(job), total + 1, steps_per_epoch(job))
    return sorted({1, *range(stride, total + 1, stride), *epoch_ends})


def epoch_ends(job: Job) -> Iterator[tuple[int, int]]:
    """`(epoch, step)` at the end of each epoch."""
    per_epoch = steps_per_epoch(job)
    for epoch in range(1, int(job.resolved["n_epochs"]) + 1):
        yield epoch, epoch * per_epoch


def metrics_at(job: Job, step: int) -> StepMetrics:
    """The metrics of one step; the same job and step always give the same numbers."""
    train = _loss(job, step) * (1 + NOISE * _noise(job, step, "train"))
    if not job.data.validation_examples:
        return StepMetrics(step, round(train, 5), _accuracy(train))
    valid = _valid_loss(job, step) * (1 + NOISE * _noise(job, step, "valid"))
    full = _valid_loss(job, step) if step % steps_per_epoch(job) == 0 else None
    return StepMetrics(
        step,
        round(train, 5),
        _accuracy(train),
        round(valid, 5),
        _accuracy(valid),
        None if full is None else round(full, 5),
        None if full is None else _accuracy(full),
    )


def bearable_epochs(examples: int) -> float:
    """How many epochs this many examples bear before the validation loss rises."""
    return 3 + math.log10(max(examples, 1))


def _loss(job: Job, step: int) -> float:
    start = job.data.entropy
    rate = math.sqrt(float(job.resolved["learning_rate_multiplier"]))
    epochs = (step - 1) / steps_per_epoch(job)
    return start * (FLOOR + (1 - FLOOR) * math.exp(-DECAY_PER_EPOCH * rate * epochs))


def _valid_loss(job: Job, step: int) -> float:
    epochs = step / steps_per_epoch(job)
    excess = max(0.0, epochs - bearable_epochs(job.data.examples))
    return _loss(job, step) * 1.05 + job.data.entropy * (0.05 + OVERFITTING_SLOPE * excess)


def _accuracy(loss: float) -> float:
    return round(math.exp(-loss), 5)


def _noise(job: Job, step: int, series: str) -> float:
    """A number in [-1, 1) drawn by the job's seed."""
    return zlib.crc32(f"{job.seed}:{series}:{step}".encode()) / 2**31 - 1
