"""A plan, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ftrunner.dataset.cost import Estimate
from ftrunner.engine.plan import Plan, Step
from ftrunner.engine.rows import DataChange
from ftrunner.errors import OverBudget
from ftrunner.printable import printable
from ftrunner.render.change import as_fields as change_fields
from ftrunner.render.change import as_lines
from ftrunner.render.money import as_fields as money_fields
from ftrunner.render.money import describe

_INDENT = " " * 11


@dataclass(frozen=True, slots=True)
class Outlook:
    """A plan and what is known besides: how the data changed, what a job costs, what is against it.

    Each is None where there is nothing to tell.
    """

    plan: Plan
    change: DataChange | None = None
    estimate: Estimate | None = None
    refusal: OverBudget | None = None


def as_text(outlook: Outlook, *, name: str, endpoint: str) -> str:
    """One line a step, then the price where a job would be created, and what is against it."""
    lines = [f"{name} · {endpoint}", *_steps(outlook)]
    if outlook.estimate:
        lines.append(f"Estimate: {describe(outlook.estimate)}")
    if refusal := outlook.refusal:
        lines.append(f"`apply` would stop [{refusal.code}]: {refusal.message}")
    if not outlook.plan.has_changes:
        lines.append("Nothing to do.")
    return "\n".join(map(printable, lines))


def _steps(outlook: Outlook) -> Iterator[str]:
    for number, step in enumerate(outlook.plan.steps, start=1):
        yield f"{number} {step.step:<9}{step.action}: {step.reason}"
        if outlook.change and step.step is Step.PREPARE:
            yield from (f"{_INDENT}{line}" for line in as_lines(outlook.change))


def as_fields(outlook: Outlook, *, endpoint: str) -> dict[str, Any]:
    """The same as a document."""
    plan, refusal = outlook.plan, outlook.refusal
    return {
        "endpoint": endpoint,
        "fingerprint": plan.wanted.fingerprint,
        "changes": plan.has_changes,
        "steps": [
            {"step": str(s.step), "action": str(s.action), "reason": s.reason} for s in plan.steps
        ],
        "difference": change_fields(outlook.change) if outlook.change else None,
        "estimate": money_fields(outlook.estimate) if outlook.estimate else None,
        "refusal": {"code": refusal.code, "message": refusal.message} if refusal else None,
    }
