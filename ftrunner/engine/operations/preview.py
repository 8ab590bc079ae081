"""Asking a provider what `apply` asks before it creates a job; nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from ftrunner.engine.checks.preflight import preflight
from ftrunner.engine.checks.quote import tell_quote
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.observe import observe
from ftrunner.engine.plan import DesiredState, Observed, why_upload
from ftrunner.engine.steps.train import job_request
from ftrunner.errors import OverBudget
from ftrunner.findings import Finding


@dataclass(frozen=True, slots=True)
class ProviderPreview:
    """What the provider has of the inputs, what stands against a job, and the refusal where the
    price that the provider estimates is over the budget.
    """

    observed: Observed
    findings: tuple[Finding, ...]
    refusal: OverBudget | None = None


def preview_provider(run: Run, wanted: DesiredState) -> ProviderPreview:
    """Ask. Raises what `apply` would: for a key that is not accepted too."""
    findings = preflight(run)
    observed = observe(run, wanted)
    return ProviderPreview(observed, findings, _refusal(run, wanted, observed))


def _refusal(run: Run, wanted: DesiredState, observed: Observed) -> OverBudget | None:
    """A price is asked for where a job would be created of files that the provider has."""
    if observed.job or any(
        why_upload(split, sha256, run.journal.record, observed)
        for split, sha256 in wanted.streams.items()
    ):
        return None
    try:
        tell_quote(run, job_request(run, wanted))
    except OverBudget as refusal:
        return refusal
    return None
