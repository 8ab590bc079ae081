"""A plan, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftrunner.engine.operations.plan_report import PlanReport
from ftrunner.engine.operations.preview import ProviderPreview
from ftrunner.engine.plan import Step
from ftrunner.errors import FtrunnerError, OverBudget
from ftrunner.events import Event
from ftrunner.providers.port_spec import Move
from ftrunner.render.documents.data_change import as_fields as change_fields
from ftrunner.render.documents.data_change import as_lines
from ftrunner.render.documents.money import as_fields as money_fields
from ftrunner.render.documents.money import describe, describe_answers
from ftrunner.render.findings.text import render_findings
from ftrunner.render.run.notices import notices, notices_for_people
from ftrunner.text import printable

_INDENT = " " * 11


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of one spec, and the `events` of asking its provider.

    `move` is what `--provider` changes; `changes` are the same as fields.
    """

    spec: str
    name: str
    endpoint: str
    report: PlanReport
    events: Sequence[Event] = ()
    move: Move | None = None
    changes: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A spec that has no plan, and why; with `--provider` also what moves."""

    spec: str
    error: FtrunnerError
    move: Move | None = None


def as_text(plan: Planned, *, rows: bool = False) -> str:
    """One line per step, then the price of a new job and what would stop it; last what the provider
    said.
    """
    report = plan.report
    lines = [f"A deployment would be {report.deployment}."] if report.deployment else []
    lines += [f"{plan.name} · {plan.endpoint}", *_steps(report, rows=rows)]
    if report.estimate:
        lines.append(f"Estimate: {describe(report.estimate)}")
        if report.estimate.answers:
            lines.append(f"Answers:  {describe_answers(report.estimate.answers)}")
    if refusal := report.refusal or report.unchecked:
        lines.append(f"`apply` would stop [{refusal.code}]: {refusal.message}")
    if report.unchecked:
        lines.append(f"  hint: {report.unchecked.hint}")
    lines += _tests(report)
    if not report.plan.has_changes:
        lines.append("Nothing to do.")
    said = [render_findings(report.foreseen)] if report.foreseen else []
    said += _said(report.preview, plan.events) if report.preview else []
    return "\n".join([*map(printable, lines), *said])


def _said(preview: ProviderPreview, events: Iterable[Event]) -> list[str]:
    lines = [printable(n.text) for event in events for n in notices_for_people(event)]
    lines += [render_findings(preview.findings)] if preview.findings else []
    return lines or ["The provider was asked: no problems found."]


def _steps(report: PlanReport, *, rows: bool) -> Iterator[str]:
    for number, step in enumerate(report.plan.steps, start=1):
        yield f"{number} {step.step:<9}{step.action}: {step.reason}"
        if report.change and step.step is Step.PREPARE:
            yield from (f"{_INDENT}{line}" for line in as_lines(report.change, rows=rows))


def _tests(report: PlanReport) -> Iterator[str]:
    if report.gates:
        yield "What the tests can show:"
    for gate in report.gates:
        mark, code = ("✓", "") if gate.can_show else ("!", "warning FT521: ")
        yield f"  {mark} {code}{gate.claim}: {gate.why}"


def as_fields(
    report: PlanReport, events: Iterable[Event], *, endpoint: str, rows: bool = False
) -> dict[str, Any]:
    """The same as a document; `online` is present if the provider was asked."""
    plan, refusal, preview = report.plan, report.refusal, report.preview
    online = {"online": _online(preview, events)} if preview else {}
    return {
        "endpoint": endpoint,
        "fingerprint": plan.wanted.fingerprint,
        "changes": plan.has_changes,
        "steps": [
            {"step": str(s.step), "action": str(s.action), "reason": s.reason} for s in plan.steps
        ],
        "difference": change_fields(report.change, rows=rows) if report.change else None,
        "estimate": money_fields(report.estimate) if report.estimate else None,
        "tests": [
            {
                "claim": gate.claim,
                "set": gate.gate.set,
                "can_show": gate.can_show,
                "has": gate.has,
                "unit": gate.unit,
                "needed": gate.needed,
                "why": gate.why,
            }
            for gate in report.gates
        ],
        "refusal": _refusal(refusal),
        "unchecked": _refusal(report.unchecked),
        "foreseen": [finding.as_dict() for finding in report.foreseen],
        **online,
    }


def _refusal(refusal: OverBudget | None) -> dict[str, Any] | None:
    return {"code": refusal.code, "message": refusal.message} if refusal else None


def _online(preview: ProviderPreview, events: Iterable[Event]) -> dict[str, Any]:
    return {
        "findings": [finding.as_dict() for finding in preview.findings],
        "notes": [notice.text for event in events for notice in notices(event)],
    }
