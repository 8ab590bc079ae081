"""What stands at a provider and costs money by the hour is not to be forgotten."""

from __future__ import annotations

from ftrunner.engine.context import Run
from ftrunner.events import Noted
from ftrunner.providers.facts import billing


def warn_running_costs(run: Run, what_next: str) -> None:
    """Warn of what was created and is billed while it stands, and what that means now."""
    cost = billing(run.target.profile.serving, run.spec.deployment)
    standing = [f"{one.noun} {one.id}" for one in run.journal.record.resources]
    if cost and standing:
        run.emit(Noted(f"{', '.join(standing)}: {cost}; {what_next}", level="warning"))
