"""What a new job will train and cost, before it is asked for."""

from __future__ import annotations

from ftrunner.dataset.cost import Estimate, estimate
from ftrunner.dataset.sampling import Sampling
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.target import Target
from ftrunner.spec.model import Spec


def priced(spec: Spec, target: Target, sampling: Sampling | None = None) -> Estimate:
    """The estimate for `spec` at `target`. Reads the data once more, to count its tokens."""
    return estimate(
        prepare(spec, target, count_tokens=True, sampling=sampling),
        model=spec.model,
        hyperparameters=spec.hyperparameters,
        profile=target.profile,
    )
