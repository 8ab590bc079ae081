"""`ftrunner compare SPEC --between A B`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import (
    TargetOptions,
    json_option,
    profiles_option,
    spec_argument,
    var_option,
)
from ftrunner.cli.world import World
from ftrunner.engine.steps.test import ask
from ftrunner.errors import ExitCode, StateError
from ftrunner.evaluation.verdict import PromptVerdict
from ftrunner.events import Emit, Retrying
from ftrunner.render.compare import Side, as_fields, as_text


@click.command("compare")
@spec_argument
@click.option(
    "--between", nargs=2, required=True, metavar="A B", help="The two providers, by profile name."
)
@profiles_option
@var_option
@json_option
def command(
    spec: Path,
    between: tuple[str, str],
    profiles: Path | None,
    variables: tuple[str, ...],
    as_json: bool,
) -> int:
    """Ask SPEC's models at two providers the test prompts, and show the answers side by side.

    Nothing is recorded. Exit codes: 0 all passed, 5 an answer is not as expected, 4 no model there.
    """
    options = TargetOptions(profiles=profiles, variables=variables)
    sides = [_side(spec, replace(options, provider=name)) for name in between]
    if as_json:
        output.document("comparison", as_fields(sides))
    else:
        click.echo(as_text(sides))
    passed = all(verdict.passed for side in sides for verdict in side.verdicts)
    return ExitCode.DONE if passed else ExitCode.TESTS_FAILED


def _side(path: Path, options: TargetOptions) -> Side:
    """What the model recorded at one provider says."""
    spec = loading.load(path, options)
    target = loading.target(spec, options)
    with wiring.opened(spec, target, _only_retries(), World()) as run:
        job = run.journal.record.job
        model = job.answers_as if job else None
        if model is None:
            raise StateError(
                f"{spec.name} has no tuned model at {target.endpoint}",
                code="FT410",
                hint=f"run {target.command('apply', path)} first",
            )
        verdicts: list[PromptVerdict] = [ask(run, model, one) for one in spec.tests.prompts]
    return Side(target.profile.name, model, tuple(verdicts))


def _only_retries() -> Emit:
    """Answers are shown together at the end; that a provider is slow is told at once."""

    def emit(event: Any) -> None:
        if isinstance(event, Retrying):
            click.echo(f"retrying in {event.delay:.0f} s: {event.reason}", err=True)

    return emit
