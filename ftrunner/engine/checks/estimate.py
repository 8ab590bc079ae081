"""The tokens and the price of a new job, before it is created."""

from __future__ import annotations

from ftrunner.dataset.cost.cost import Estimate, estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.cost.prices import prices_for
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.steps.prepare import Prepared, prepare
from ftrunner.engine.target import Target
from ftrunner.errors import InvalidInput
from ftrunner.findings import has_errors
from ftrunner.spec.model import Spec


def priced(prepared: Prepared, spec: Spec, target: Target, counting: Counting) -> Estimate:
    """The estimate for `prepared`, whose data is read again if its tokens were not counted yet."""
    if prepared.counting is not counting:
        prepared = prepare(spec, target, counting)
    return price(prepared.report, spec, target)


def price(report: DatasetReport, spec: Spec, target: Target) -> Estimate:
    """The estimate for the data in `report`. Raises InvalidInput for prices that cannot be used."""
    prices, findings = prices_for(spec, target.providers)
    if has_errors(findings):
        raise InvalidInput(findings)
    return estimate(report, spec, target.profile, prices)
