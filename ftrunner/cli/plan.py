"""`ftrunner plan SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.asking import ask_provider
from ftrunner.cli.options import (
    json_option,
    spec_argument,
    target_of,
    target_options,
    tokens_option,
)
from ftrunner.dataset.cost import Estimate
from ftrunner.dataset.counting import Counting
from ftrunner.diagnostics import has_errors
from ftrunner.engine.consent import insist_on_budget
from ftrunner.engine.estimate import priced
from ftrunner.engine.plan import Action, Options, plan
from ftrunner.engine.rows import data_change
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.want import want
from ftrunner.errors import ExitCode, OverBudget
from ftrunner.providers.facts import billing
from ftrunner.render.move import as_fields as move_fields
from ftrunner.render.move import as_text as move_text
from ftrunner.render.plan import Outlook, as_fields, as_text
from ftrunner.spec.model import Budget


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
@tokens_option(default=Counting.EXACT)
@json_option
def command(
    spec: Path,
    exit_code: bool,
    retry: bool,
    fresh: bool,
    online: bool,
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
    moved = loading.load_move(spec, options)
    loaded = moved.spec
    if options.provider and not as_json:
        click.echo(move_text(moved))
    target = loading.target(loaded, options)
    report = prepare(loaded, target)
    record = wiring.record(loaded, target)
    wanted, wish = want(loaded, report, target.profile), Options(retry=retry, fresh=fresh)
    decided = plan(wanted, record, None, wish)
    asked = ask_provider(loaded, target, wanted) if online and decided.creates_job else None
    if asked:
        decided = plan(wanted, record, asked.observed, wish)
    estimate = priced(loaded, target, tokens) if decided.creates_job else None
    refusal = (asked.refusal if asked else None) or (
        _refusal(loaded.budget, estimate) if estimate else None
    )
    runs = wiring.places(loaded, target).evidence
    change = data_change(record.job, decided.wanted, report, runs, estimate)
    outlook = Outlook(decided, change, estimate, refusal)
    if as_json:
        fields = as_fields(outlook, endpoint=target.endpoint)
        told = {"online": asked.as_fields()} if asked else {}
        output.document("plan", {**fields, **told, "moved": move_fields(moved)})
    else:
        cost = billing(target.profile.serving)
        if cost and decided.train.action is not Action.SKIP and loaded.model_name is None:
            click.echo(f"A deployment would be {cost}.")
        click.echo(as_text(outlook, name=loaded.name, endpoint=target.endpoint))
        if asked:
            click.echo(asked.as_text())
    if asked and decided.creates_job and has_errors(asked.findings):
        return ExitCode.INVALID
    if refusal:
        return refusal.exit_code
    return ExitCode.CHANGES if exit_code and decided.has_changes else ExitCode.DONE


def _refusal(budget: Budget, estimate: Estimate) -> OverBudget | None:
    """What `apply` would stop with before it creates the job."""
    try:
        insist_on_budget(budget, estimate)
    except OverBudget as error:
        return error
    return None
