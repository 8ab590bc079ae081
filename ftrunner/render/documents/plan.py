"""A plan, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ftrunner.engine.operations.plan_report import PlanReport
from ftrunner.engine.operations.preview import ProviderPreview
from ftrunner.engine.plan import Step
from ftrunner.errors import OverBudget
from ftrunner.events import Event
from ftrunner.render.documents.data_change import as_fields as change_fields
from ftrunner.render.documents.data_change import as_lines
from ftrunner.render.documents.money import as_fields as money_fields
from ftrunner.render.documents.money import describe
from ftrunner.render.findings.text import render_findings
from ftrunner.render.run.notices import notices, notices_for_people
from ftrunner.text import printable

_INDENT = " " * 11


def as_text(
    outlook: PlanReport, told: Iterable[Event], *, name: str, endpoint: str, rows: bool = False
) -> str:
    """One line a step, then the price where a job would be created, and what is against it; last
    what the provider said, and what was `told` while it was asked.
    """
    lines = [f"A deployment would be {outlook.deployment}."] if outlook.deployment else []
    lines += [f"{name} · {endpoint}", *_steps(outlook, rows=rows)]
    if outlook.estimate:
        lines.append(f"Estimate: {describe(outlook.estimate)}")
    if refusal := outlook.refusal or outlook.unchecked:
        lines.append(f"`apply` would stop [{refusal.code}]: {refusal.message}")
    if outlook.unchecked:
        lines.append(f"  hint: {outlook.unchecked.hint}")
    if not outlook.plan.has_changes:
        lines.append("Nothing to do.")
    said = _said(outlook.asked, told) if outlook.asked else []
    return "\n".join([*map(printable, lines), *said])


def _said(asked: ProviderPreview, events: Iterable[Event]) -> list[str]:
    lines = [printable(n.text) for event in events for n in notices_for_people(event)]
    lines += [render_findings(asked.findings)] if asked.findings else []
    return lines or ["The provider was asked: no objection."]


def _steps(outlook: PlanReport, *, rows: bool) -> Iterator[str]:
    for number, step in enumerate(outlook.plan.steps, start=1):
        yield f"{number} {step.step:<9}{step.action}: {step.reason}"
        if outlook.change and step.step is Step.PREPARE:
            yield from (f"{_INDENT}{line}" for line in as_lines(outlook.change, rows=rows))


def as_fields(
    outlook: PlanReport, told: Iterable[Event], *, endpoint: str, rows: bool = False
) -> dict[str, Any]:
    """The same as a document; `online` is there where the provider was asked."""
    plan, refusal, asked = outlook.plan, outlook.refusal, outlook.asked
    online = {"online": _online(asked, told)} if asked else {}
    return {
        "endpoint": endpoint,
        "fingerprint": plan.wanted.fingerprint,
        "changes": plan.has_changes,
        "steps": [
            {"step": str(s.step), "action": str(s.action), "reason": s.reason} for s in plan.steps
        ],
        "difference": change_fields(outlook.change, rows=rows) if outlook.change else None,
        "estimate": money_fields(outlook.estimate) if outlook.estimate else None,
        "refusal": _refusal(refusal),
        "unchecked": _refusal(outlook.unchecked),
        **online,
    }


def _refusal(refusal: OverBudget | None) -> dict[str, Any] | None:
    return {"code": refusal.code, "message": refusal.message} if refusal else None


def _online(asked: ProviderPreview, events: Iterable[Event]) -> dict[str, Any]:
    return {
        "findings": [finding.as_dict() for finding in asked.findings],
        "notes": [notice.text for event in events for notice in notices(event)],
    }
