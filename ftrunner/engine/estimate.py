"""What a new job will train and cost, before it is asked for."""

from __future__ import annotations

from ftrunner.dataset.cost import Estimate, estimate
from ftrunner.dataset.counting import Counting
from ftrunner.dataset.prices import prices_for
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.target import Target
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Hyperparameter, Spec


def priced(spec: Spec, target: Target, counting: Counting = Counting.EXACT) -> Estimate:
    """The estimate for `spec` at `target`. Reads the data once more, to count its tokens."""
    return estimate(
        prepare(spec, target, counting),
        model=spec.model,
        hyperparameters={**_defaults(spec, target.profile), **spec.hyperparameters},
        profile=target.profile,
        prices=prices_for(spec)[0],
    )


def _defaults(spec: Spec, profile: Profile) -> dict[str, Hyperparameter]:
    """What the provider uses where the spec asks for nothing, as far as its profile knows."""
    known = profile.hyperparameters.get(str(spec.method), {})
    return {name: one.default for name, one in known.items() if one.default is not None}
