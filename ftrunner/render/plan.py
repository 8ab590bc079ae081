"""A plan, for people and for programs."""

from __future__ import annotations

from typing import Any

from ftrunner.dataset.cost import Estimate
from ftrunner.engine.plan import Plan
from ftrunner.errors import OverBudget
from ftrunner.printable import printable
from ftrunner.render.money import as_fields as money_fields
from ftrunner.render.money import describe


def as_text(
    plan: Plan,
    estimate: Estimate | None,
    *,
    name: str,
    endpoint: str,
    refusal: OverBudget | None = None,
) -> str:
    """One line a step, then the price where a job would be created, and what is against it."""
    lines = [f"{name} · {endpoint}"]
    lines += [
        f"{number} {step.step:<9}{step.action}: {step.reason}"
        for number, step in enumerate(plan.steps, start=1)
    ]
    if estimate:
        lines.append(f"Estimate: {describe(estimate)}")
    if refusal:
        lines.append(f"`apply` would stop [{refusal.code}]: {refusal.message}")
    if not plan.has_changes:
        lines.append("Nothing to do.")
    return "\n".join(map(printable, lines))


def as_fields(
    plan: Plan,
    estimate: Estimate | None,
    *,
    endpoint: str,
    refusal: OverBudget | None = None,
) -> dict[str, Any]:
    """The same as a document."""
    return {
        "endpoint": endpoint,
        "fingerprint": plan.wanted.fingerprint,
        "changes": plan.has_changes,
        "steps": [
            {"step": str(s.step), "action": str(s.action), "reason": s.reason} for s in plan.steps
        ],
        "estimate": money_fields(estimate) if estimate else None,
        "refusal": {"code": refusal.code, "message": refusal.message} if refusal else None,
    }
