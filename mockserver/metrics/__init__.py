"""The metrics of a training step: losses, or rewards in reinforcement training.

They are computed from the job alone: the same job and step always give the same numbers.
"""

from __future__ import annotations

from mockserver.data.records import Job
from mockserver.metrics.losses import StepMetrics, losses_at
from mockserver.metrics.rewards import StepRewards, rewards_at
from mockserver.metrics.steps import MAX_LOGGED_STEPS, epoch_ends, logged_steps

__all__ = [
    "MAX_LOGGED_STEPS",
    "StepMetrics",
    "StepRewards",
    "epoch_ends",
    "logged_steps",
    "losses_at",
    "metrics_at",
    "rewards_at",
]


def metrics_at(job: Job, step: int) -> StepMetrics | StepRewards:
    """The metrics of one step, of the kind for the job's method."""
    return rewards_at(job, step) if job.method == "reinforcement" else losses_at(job, step)
