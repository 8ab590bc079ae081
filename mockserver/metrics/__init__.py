"""What training reports of a step: losses, or rewards where a grader teaches.

Everything is computed from the job alone: the same job and step always give the same numbers.
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
    """The metrics of one step of the job, of the kind that its method has."""
    return rewards_at(job, step) if job.method == "reinforcement" else losses_at(job, step)
