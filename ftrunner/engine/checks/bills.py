"""A reminder of deployments that are billed by the hour."""

from __future__ import annotations

from ftrunner.engine.context import Run
from ftrunner.events import RunningCosts
from ftrunner.providers.facts import billing


def warn_running_costs(run: Run, advice: str) -> None:
    """Report the recorded deployments, if they are billed until they are deleted, with `advice`."""
    cost = billing(run.target.profile.serving, run.spec.deployment)
    deployments = tuple(f"{one.noun} {one.id}" for one in run.journal.record.resources)
    if cost and deployments:
        run.emit(RunningCosts(deployments, cost, advice))
