"""Asking a provider what `apply` asks before it creates a job, and telling it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ftrunner.cli import wiring
from ftrunner.cli.world import World
from ftrunner.diagnostics import Finding
from ftrunner.engine.observe import observe
from ftrunner.engine.plan import Observed, Wanted, why_upload
from ftrunner.engine.preflight import preflight
from ftrunner.engine.quote import described, over_budget, quote
from ftrunner.engine.steps.train import job_request
from ftrunner.engine.target import Target
from ftrunner.errors import OverBudget
from ftrunner.events import Event, Noted
from ftrunner.printable import printable
from ftrunner.render.text import render_findings
from ftrunner.spec.model import Spec
from ftrunner.state.lock import Record


@dataclass(frozen=True, slots=True)
class Asked:
    """What the provider has of the inputs, what stands against a job, what was told on the way;
    the refusal where the price that the provider estimates is over the budget.
    """

    observed: Observed
    findings: tuple[Finding, ...]
    notes: tuple[Noted, ...]
    refusal: OverBudget | None = None

    def as_fields(self) -> dict[str, Any]:
        """For programs."""
        return {
            "findings": [finding.as_dict() for finding in self.findings],
            "notes": [note.message for note in self.notes],
        }

    def as_text(self) -> str:
        """For people: what is only for programs is left out."""
        notes = [note.message for note in self.notes if note.level != "debug"]
        told = [render_findings(self.findings)] if self.findings else []
        return "\n".join([*map(printable, notes), *told]) or "The provider was asked: no objection."


def ask_provider(spec: Spec, target: Target, wanted: Wanted) -> Asked:
    """Ask, and record nothing. Raises what `apply` would: for a key that is not accepted too."""
    told: list[Event] = []
    with wiring.beside(spec, target, told.append, World()) as run:
        findings = preflight(run)
        observed = observe(run, wanted)
        sent = _is_sent(wanted, run.journal.record, observed) and observed.job is None
        price = quote(run, job_request(run, wanted)) if sent else None
    notes = [note for note in told if isinstance(note, Noted)]
    title = target.profile.title
    return Asked(
        observed,
        findings,
        (*notes, *(described(price, title) if price else ())),
        over_budget(spec.budget, price, title) if price else None,
    )


def _is_sent(wanted: Wanted, record: Record, observed: Observed) -> bool:
    """Whether the provider has the files, without which it estimates no price."""
    return all(
        why_upload(split, sha256, record, observed) is None
        for split, sha256 in wanted.splits.items()
    )
