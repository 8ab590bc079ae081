"""Plans as Markdown, for a pull request's comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftrunner.engine.operations.plan_report import PlanReport
from ftrunner.engine.plan import Action, Step
from ftrunner.errors import FtrunnerError, InvalidInput
from ftrunner.providers.port_spec import Move
from ftrunner.render.documents.data_change import as_lines
from ftrunner.render.documents.money import amount, describe, describe_answers
from ftrunner.render.documents.plan import Planned, Unplanned
from ftrunner.render.documents.port import as_text as move_text
from ftrunner.render.findings.text import render_findings
from ftrunner.render.report.markdown import MOST_BYTES, code, fence, plain
from ftrunner.render.run.notices import notices_for_people

MARKER = "<!-- ftrunner-plan -->\n"
_HEAD = """\
### ftrunner plan

| spec | what `apply` would do | cost |
| --- | --- | --- |
"""
_NO_PROBLEMS = "The provider was asked: no problems found.\n\n"
_MOST_ROWS = 100
_LONGEST = 10_000  # characters
_ROOM_FOR_REST = 200  # bytes


def as_markdown(plans: Sequence[Planned | Unplanned]) -> str:
    """A table of all specs, then each in detail, at most 60,000 bytes. The first line is a marker,
    by which a comment is found again.
    """
    rows = [*map(_row, plans), "\n"]
    return _bounded(f"{MARKER}{_HEAD}", rows, [_section(plan) for plan in plans])


def _bounded(text: str, rows: Sequence[str], sections: Sequence[str]) -> str:
    size = len(text.encode())
    parts = (*rows, *sections)
    for number, part in enumerate(parts):
        size += len(part.encode())
        if size > MOST_BYTES - _ROOM_FOR_REST:
            left = len(parts) - max(number, len(rows))
            return f"{text}\n…and {left:,} more: `ftrunner plan` shows them.\n"
        text += part
    return text


def _row(plan: Planned | Unplanned) -> str:
    if isinstance(plan, Unplanned):
        return f"| {code(plan.spec)} | ❌ {plan.error.code}: {plain(_cause(plan.error))} | |\n"
    cost = f" {plain(amount(plan.report.estimate))}" if plan.report.estimate else ""
    return f"| {code(plan.spec)} | {_verdict(plan.report)} |{cost} |\n"


def _cause(error: FtrunnerError) -> str:
    if not isinstance(error, InvalidInput):
        return error.message
    errors = sum(finding.is_error for finding in error.findings)
    return f"{errors} error{'s' if errors != 1 else ''}"


def _verdict(report: PlanReport) -> str:
    """The last step that runs says most: training costs money, and tests follow it."""
    if report.exit_code:
        refusal = report.refusal
        return f"❌ stops: {plain(refusal.message)}" if refusal else "❌ stops: see below"
    if not report.plan.has_changes:
        return "✅ nothing to do"
    train = report.plan.train
    step = report.plan.test if train.action is Action.SKIP else train
    what = "tests" if step.step is Step.TEST else "trains"
    return f"{what}: {plain(step.reason)}"


def _section(plan: Planned | Unplanned) -> str:
    if isinstance(plan, Unplanned):
        moves = _moves(plan.move)
        return f"#### {code(plan.spec)}\n\n{fence(_explained(plan.error), bound=_LONGEST)}\n{moves}"
    title = f"#### {code(plan.name)} at {code(plan.endpoint)}\n\n"
    return f"{title}{''.join(_details(plan))}\n"


def _explained(error: FtrunnerError) -> str:
    if isinstance(error, InvalidInput):
        return render_findings(error.findings, error.counts)
    hint = f"\n  hint: {error.hint}" if error.hint else ""
    return f"error[{error.code}]: {error.message}{hint}"


def _details(plan: Planned) -> Iterator[str]:
    report = plan.report
    yield "| step | | why |\n| --- | --- | --- |\n"
    for step in report.plan.steps:
        yield f"| {step.step} | {step.action} | {plain(step.reason)} |\n"
    yield "\n"
    yield from _money(report)
    for gate in report.gates:
        mark = "✅" if gate.can_show else "⚠️"
        yield f"- {mark} {plain(gate.claim)}: {plain(gate.why)}\n"
    yield "\n" if report.gates else ""
    if report.change:
        yield from _rows(list(as_lines(report.change)), list(as_lines(report.change, rows=True)))
    yield _moves(plan.move)
    yield from (f"⚠️ {finding.code}: {plain(finding.message)}\n\n" for finding in report.foreseen)
    yield from _said(plan)


def _money(report: PlanReport) -> Iterator[str]:
    """What it costs, and what would stop it."""
    if report.estimate:
        yield f"**Cost:** {plain(describe(report.estimate))}\n\n"
        if report.estimate.answers:
            yield f"**Answers:** {plain(describe_answers(report.estimate.answers))}\n\n"
    if report.deployment:
        yield f"**A deployment** would be {plain(report.deployment)}.\n\n"
    if refusal := report.refusal or report.unchecked:
        yield f"❌ `apply` would stop ({refusal.code}): {plain(refusal.message)}\n\n"


def _moves(move: Move | None) -> str:
    return f"**What moves**\n\n{fence(move_text(move), bound=_LONGEST)}\n" if move else ""


def _rows(summary: Sequence[str], every: Sequence[str]) -> Iterator[str]:
    """What changed in the data, and below it, folded, in which rows."""
    yield "".join(f"- {plain(line)}\n" for line in summary) + "\n"
    if len(every) > len(summary):
        left = len(every) - _MOST_ROWS
        more = [f"…and {left:,} more: `ftrunner plan --rows`"] if left > 0 else []
        shown = "\n".join([*every[:_MOST_ROWS], *more])
        yield f"<details><summary>Rows</summary>\n\n{fence(shown, bound=_LONGEST)}\n</details>\n\n"


def _said(plan: Planned) -> Iterator[str]:
    """What the provider said, if it was asked."""
    if plan.report.preview is None:
        return
    lines = [notice.text for event in plan.events for notice in notices_for_people(event)]
    findings = plan.report.preview.findings
    lines += [render_findings(findings)] if findings else []
    yield (fence("\n".join(lines), bound=_LONGEST) if lines else _NO_PROBLEMS)
