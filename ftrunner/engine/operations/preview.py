"""Ask a provider what `apply` asks before it creates a job; nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from ftrunner.dataset.cost.cost import Estimate
from ftrunner.engine.checks.consent import PRICE_OPERATION
from ftrunner.engine.checks.preflight import preflight
from ftrunner.engine.checks.price import report_quote
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.observe import observe
from ftrunner.engine.plan import DesiredState, Observed, why_upload
from ftrunner.engine.steps.train import job_request
from ftrunner.errors import OverBudget
from ftrunner.findings import Finding


@dataclass(frozen=True, slots=True)
class ProviderPreview:
    """What the provider has for the inputs, what speaks against a job, and the refusal if the
    provider's price is over the budget.
    """

    observed: Observed
    findings: tuple[Finding, ...]
    refusal: OverBudget | None = None


def preview_provider(run: Run, wanted: DesiredState, estimate: Estimate) -> ProviderPreview:
    """Ask. Raises what `apply` would, for example if the key is not accepted."""
    findings = preflight(run)
    observed = observe(run, wanted)
    return ProviderPreview(observed, findings, _refusal(run, wanted, observed, estimate))


def _refusal(
    run: Run, wanted: DesiredState, observed: Observed, estimate: Estimate
) -> OverBudget | None:
    """Ask for a price if a job would be created from files that the provider has."""
    if PRICE_OPERATION not in run.target.profile.operations:
        return None
    if observed.job or any(
        why_upload(split, sha256, run.journal.record, observed)
        for split, sha256 in wanted.streams.items()
    ):
        return None
    try:
        report_quote(run, job_request(run, wanted), estimate)
    except OverBudget as refusal:
        return refusal
    return None
