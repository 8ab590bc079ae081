"""Step 1: everything that can be checked offline is checked, and what will be sent is hashed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.cost.prices import prices_for
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.checks.limits import format_findings, provider_findings, unknown_providers
from ftrunner.engine.target import Target
from ftrunner.errors import InvalidInput
from ftrunner.findings import has_errors
from ftrunner.spec.model import Spec


def prepare(spec: Spec, target: Target, counting: Counting = Counting.OFF) -> DatasetReport:
    """The dataset's report, with warnings about the spec at this provider.

    Raises InvalidInput with all findings where one is an error.
    """
    report = check_dataset(spec, target.profile, counting)
    _, of_prices = prices_for(spec, target.providers)
    of_spec = (
        *unknown_providers(spec, target.providers),
        *of_prices,
        *provider_findings(spec, target.profile),
        *format_findings(spec, report, target.profile),
    )
    findings = (*of_spec, *report.findings)
    counts = Counter(report.counts) + Counter(finding.code for finding in of_spec)
    if has_errors(findings):
        raise InvalidInput(findings, counts)
    return replace(report, findings=findings, counts=counts)
