"""What a new job will train and cost, before it is asked for."""

from __future__ import annotations

from ftrunner.dataset.cost.cost import Estimate, estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.cost.prices import prices_for
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.target import Target
from ftrunner.errors import InvalidInput
from ftrunner.findings import has_errors
from ftrunner.spec.model import Spec


def priced(spec: Spec, target: Target, counting: Counting = Counting.EXACT) -> Estimate:
    """The estimate for `spec` at `target`. Reads the data once more, to count its tokens."""
    return price(prepare(spec, target, counting), spec, target)


def price(report: DatasetReport, spec: Spec, target: Target) -> Estimate:
    """The estimate for the data in `report`. Raises InvalidInput for prices that cannot be used."""
    prices, findings = prices_for(spec, target.providers)
    if has_errors(findings):
        raise InvalidInput(findings)
    return estimate(report, spec, target.profile, prices)
