"""`ftrunner compare SPEC --between A B`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import output, wiring
from ftrunner.cli.options import (
    TargetOptions,
    insecure_option,
    json_option,
    profiles_option,
    spec_argument,
    var_option,
)
from ftrunner.cli.session import Session, session
from ftrunner.cli.world import World
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.test import verdicts
from ftrunner.errors import ExitCode
from ftrunner.events import Emit, Retrying
from ftrunner.render.documents.compare import Side, as_fields, as_text


@click.command("compare")
@spec_argument
@click.option(
    "--between", nargs=2, required=True, metavar="A B", help="The two providers, by profile name."
)
@insecure_option
@profiles_option
@var_option
@json_option
def command(spec: Path, between: tuple[str, str], as_json: bool, **parameters: Any) -> int:
    """Ask SPEC's models at two providers the test prompts, and show the answers side by side.

    Nothing is recorded. Exit codes: 0 all passed, 5 an answer is not as expected, 4 no model there.
    """
    options = TargetOptions(**parameters)
    homes = [session(spec, replace(options, provider=name)) for name in between]
    models = [_model(at) for at in homes]
    sides = [_side(at, model) for at, model in zip(homes, models, strict=True)]
    if as_json:
        output.document("comparison", as_fields(sides))
    else:
        click.echo(as_text(sides))
    passed = all(verdict.passed for side in sides for verdict in side.verdicts)
    return ExitCode.DONE if passed else ExitCode.TESTS_FAILED


def _model(at: Session) -> str:
    """The model recorded there. Raises StateError."""
    job = at.record.job
    if job is None or job.answers_as is None:
        raise at.nothing("tuned model")
    return job.answers_as


def _side(at: Session, model: str) -> Side:
    """What `model` says there."""
    with wiring.beside(at.spec, at.target, _only_retries(), World()) as run:
        return Side(at.target.profile.name, model, tuple(verdicts(run, model, Reuse.STORED)))


def _only_retries() -> Emit:
    """Answers are shown together at the end; that a provider is slow is told at once."""

    def emit(event: Any) -> None:
        if isinstance(event, Retrying):
            click.echo(f"retrying in {event.delay:.0f} s: {event.reason}", err=True)

    return emit
