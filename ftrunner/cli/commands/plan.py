"""`ftrunner plan SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.error_output import tell
from ftrunner.cli.options import (
    json_option,
    rows_option,
    spec_argument,
    target_of,
    target_options,
    tokens_option,
)
from ftrunner.cli.wiring import World
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.operations.plan_report import build_plan_report
from ftrunner.engine.plan import Options
from ftrunner.errors import ExitCode
from ftrunner.events import Event
from ftrunner.render.documents.plan import as_fields, as_text
from ftrunner.render.documents.port import as_fields as move_fields
from ftrunner.render.documents.port import as_text as move_text


@click.command("plan")
@spec_argument
@target_options
@click.option("--exit-code", is_flag=True, help="Exit with 10 where there are changes.")
@click.option("--retry", is_flag=True, help="Plan as `apply --retry` would.")
@click.option("--fresh", is_flag=True, help="Plan as `apply --fresh` would.")
@click.option(
    "--online",
    is_flag=True,
    help="Ask the provider what `apply` asks before it creates a job. Needs the key.",
)
@rows_option
@tokens_option(default=Counting.EXACT)
@json_option
def command(
    spec: Path,
    exit_code: bool,
    retry: bool,
    fresh: bool,
    online: bool,
    rows: bool,
    tokens: Counting,
    as_json: bool,
    **parameters: Any,
) -> int:
    """Show what `apply` would do with SPEC, step by step, and why. No key, no network.

    With --provider also what becomes of each setting there: carried over, translated, lost or
    refused. Exits with 6 where `apply` would stop at the budget, and with 2 where it would stop at
    what --online found.
    """
    options = target_of(parameters)
    loaded = loading.load(spec, options)
    moved = loaded.move
    if options.provider and not as_json:
        tell(move_text(moved))
    target = loaded.target()
    told: list[Event] = []
    with wiring.beside(moved.spec, target, told.append, World()) as run:
        outlook = build_plan_report(run, Options(retry=retry, fresh=fresh), tokens, online=online)
    if as_json:
        fields = as_fields(outlook, told, endpoint=target.endpoint, rows=rows)
        output.document("plan", {**fields, "moved": move_fields(moved)})
    else:
        name, endpoint = moved.spec.name, target.endpoint
        tell(as_text(outlook, told, name=name, endpoint=endpoint, rows=rows))
    if outlook.exit_code is ExitCode.DONE and exit_code and outlook.plan.has_changes:
        return ExitCode.CHANGES
    return outlook.exit_code
