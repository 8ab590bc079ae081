"""What a new job will train and cost, before it is asked for."""

from __future__ import annotations

from ftrunner.dataset.cost import Estimate, estimate
from ftrunner.dataset.counting import Counting
from ftrunner.dataset.prices import prices_for
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.target import Target
from ftrunner.spec.model import Spec


def priced(spec: Spec, target: Target, counting: Counting = Counting.EXACT) -> Estimate:
    """The estimate for `spec` at `target`. Reads the data once more, to count its tokens."""
    return estimate(
        prepare(spec, target, counting),
        model=spec.model,
        method=spec.method,
        hyperparameters=spec.hyperparameters,
        profile=target.profile,
        prices=prices_for(spec)[0],
    )
