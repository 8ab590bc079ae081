"""`ftrunner plan SPEC...`"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, wiring
from ftrunner.cli.error_output import print_folded
from ftrunner.cli.options import (
    TargetOptions,
    format_option,
    rows_option,
    specs_argument,
    target_of,
    target_options,
    tokens_option,
)
from ftrunner.cli.output import Output
from ftrunner.cli.wiring import World
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.operations.plan_report import build_plan_report
from ftrunner.engine.plan import Options
from ftrunner.errors import ExitCode, FtrunnerError, gravest
from ftrunner.events import Event
from ftrunner.render.documents.plan import Planned, Unplanned, as_fields, as_text
from ftrunner.render.documents.port import as_fields as move_fields
from ftrunner.render.documents.port import as_text as move_text
from ftrunner.text import escaped


@dataclass(frozen=True, slots=True)
class _Request:
    """What the user asks of `plan` beyond the specs."""

    target: TargetOptions
    options: Options
    tokens: Counting
    online: bool
    rows: bool


@click.command("plan")
@specs_argument
@target_options
@click.option("--exit-code", is_flag=True, help="Exit with 10 if there are changes.")
@click.option("--retry", is_flag=True, help="Plan as `apply --retry` would.")
@click.option("--fresh", is_flag=True, help="Plan as `apply --fresh` would.")
@click.option(
    "--online",
    is_flag=True,
    help="Ask the provider what `apply` asks before it creates a job. Needs the key.",
)
@rows_option
@tokens_option(default=Counting.EXACT)
@format_option(
    ("text", "json", "md"),
    short="json",
    what="md is for a pull request's comment or a job's summary.",
)
def command(
    specs: tuple[Path, ...],
    exit_code: bool,
    retry: bool,
    fresh: bool,
    online: bool,
    rows: bool,
    tokens: Counting,
    out: Output,
    **parameters: Any,
) -> int:
    """Show what `apply` would do with SPECs, step by step, and why. No key, no network.

    With --provider, also what happens to each setting there: carried over, translated, lost or
    refused. Exits with 6 if `apply` would stop at the budget, and with 2 if it would stop at what
    --online found.
    """
    options = Options(retry=retry, fresh=fresh)
    request = _Request(target_of(parameters), options, tokens, online=online, rows=rows)
    if out.style == "md":
        plans = [_planned(path, request) for path in specs]
        _print_markdown(plans)
    else:
        plans = [_shown(path, request, out, alone=len(specs) == 1) for path in specs]
    return gravest([_exit_code(plan, exit_code=exit_code) for plan in plans])


def _planned(path: Path, request: _Request) -> Planned | Unplanned:
    spec, move = escaped(str(path)), None
    try:
        loaded = loading.load(path, request.target)
        move = loaded.move if request.target.provider else None
        target, seen = loaded.target(), list[Event]()
        with wiring.open_readonly(loaded.spec, target, seen.append, World()) as run:
            outlook = build_plan_report(run, request.options, request.tokens, online=request.online)
    except FtrunnerError as error:
        return Unplanned(spec, error, move)
    changes = move_fields(loaded.move)
    return Planned(spec, loaded.spec.name, target.endpoint, outlook, seen, move, changes)


def _shown(path: Path, request: _Request, out: Output, *, alone: bool) -> Planned | Unplanned:
    """The plan, printed as soon as it is made."""
    plan = _planned(path, request)
    if plan.move and not out.is_json:
        print_folded(move_text(plan.move))
    if isinstance(plan, Unplanned):
        out.error(plan.error, None if alone else path)
    elif out.is_json:
        fields = as_fields(plan.report, plan.events, endpoint=plan.endpoint, rows=request.rows)
        out.document("plan", {"spec": plan.spec, **fields, "moved": plan.changes})
    else:
        print_folded(as_text(plan, rows=request.rows))
        click.echo(nl=not alone)
    return plan


def _print_markdown(plans: Sequence[Planned | Unplanned]) -> None:
    from ftrunner.render.documents.plan_markdown import as_markdown  # noqa: PLC0415 - used seldom

    click.echo(as_markdown(plans), nl=False)


def _exit_code(plan: Planned | Unplanned, *, exit_code: bool) -> ExitCode:
    if isinstance(plan, Unplanned):
        return plan.error.exit_code
    code = plan.report.exit_code
    if code is ExitCode.DONE and exit_code and plan.report.plan.has_changes:
        return ExitCode.CHANGES
    return code
