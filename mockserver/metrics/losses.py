"""The losses of a training, computed from the data, the steps and the job's seed.

The training loss starts at the entropy of the completions and falls, faster with a higher
learning rate. The validation loss follows it, and rises again after too many epochs for the
number of examples.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from mockserver.data.records import Job
from mockserver.jobs.training import steps_per_epoch
from mockserver.metrics.steps import VALIDATED_EVERY, ends_epoch, noise

FLOOR = 0.04
"""The share of the first loss below which training does not fall."""
DECAY_PER_EPOCH = 0.55
NOISE = 0.06
OVERFITTING_SLOPE = 0.12
FORGETTING_SLOPE = 0.5
"""The slope after the best epoch set by a scenario."""


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """The metrics of one step, under their names in the API."""

    step: int
    train_loss: float
    train_mean_token_accuracy: float
    valid_loss: float | None = None
    """On a batch of the validation file, only at some steps."""
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    """On the whole validation file, only at the end of an epoch."""
    full_valid_mean_token_accuracy: float | None = None

    def known(self) -> dict[str, Any]:
        """The metrics of this step, by name."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def data(self, total: int) -> dict[str, Any]:
        """The `data` of the step's event."""
        return {"total_steps": total, **self.known()}

    def message(self, total: int) -> str:
        text = f"Step {self.step}/{total}: training loss={self.train_loss:.2f}"
        if self.valid_loss is not None:
            text += f", validation loss={self.valid_loss:.2f}"
        if self.full_valid_loss is not None:
            text += f", full validation loss={self.full_valid_loss:.2f}"
        return text


def losses_at(job: Job, step: int) -> StepMetrics:
    """The losses of one step."""
    train = _loss(job, step) * (1 + NOISE * noise(job, step, "train"))
    found = StepMetrics(step, round(train, 5), _accuracy(train))
    is_end = ends_epoch(job, step)
    if not job.data.validation_examples or not (is_end or step % VALIDATED_EVERY == 0):
        return found
    whole = _valid_loss(job, step)
    batch = whole * (1 + NOISE * noise(job, step, "valid"))
    validated = (round(batch, 5), _accuracy(batch))
    fully = (round(whole, 5), _accuracy(whole)) if is_end else (None, None)
    return StepMetrics(step, found.train_loss, found.train_mean_token_accuracy, *validated, *fully)


def bearable_epochs(job: Job) -> float:
    """The number of epochs after which the validation loss rises."""
    return 3 + math.log10(max(job.data.examples, 1))


def _loss(job: Job, step: int) -> float:
    start = job.data.entropy
    rate = math.sqrt(float(job.resolved["learning_rate_multiplier"]))
    epochs = (step - 1) / steps_per_epoch(job)
    return start * (FLOOR + (1 - FLOOR) * math.exp(-DECAY_PER_EPOCH * rate * epochs))


def _valid_loss(job: Job, step: int) -> float:
    epochs = step / steps_per_epoch(job)
    excess = OVERFITTING_SLOPE * max(0.0, epochs - bearable_epochs(job))
    if job.outcome.best_epoch is not None:
        excess += FORGETTING_SLOPE * max(0.0, epochs - job.outcome.best_epoch)
    return _loss(job, step) * 1.05 + job.data.entropy * (0.05 + excess)


def _accuracy(loss: float) -> float:
    return round(math.exp(-loss), 5)
