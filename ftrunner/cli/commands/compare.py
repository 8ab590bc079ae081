"""`ftrunner compare SPEC --against MODEL`, `ftrunner compare SPEC --between A B`"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import output, wiring
from ftrunner.cli.options import (
    TargetOptions,
    json_option,
    spec_argument,
    target_of,
    target_options,
)
from ftrunner.cli.session import Session, session
from ftrunner.cli.wiring import World
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.test import verdicts
from ftrunner.errors import ExitCode, StateError
from ftrunner.evaluation.comparison import compare
from ftrunner.events import Emit, Retrying
from ftrunner.render.documents.compare import Side, as_fields, as_text

_BASE = "base"
_CURRENT = "current"
_Model = tuple[str, Session, str]  # what its column is called, where it is, its name there


@click.command("compare")
@spec_argument
@click.option(
    "--against",
    metavar="MODEL",
    help="`base`, `current`, or the name of a model at the same provider.",
)
@click.option(
    "--between", nargs=2, metavar="A B", help="The models at two providers, by profile name."
)
@target_options
@json_option
def command(
    spec: Path, against: str | None, between: tuple[str, str] | None, as_json: bool, **where: Any
) -> int:
    """Ask two models SPEC's test prompts, and show how they differ and how sure that is.

    --against compares SPEC's tuned model with another; --between compares the tuned models at two
    providers. Stored answers are not asked for again. Nothing is recorded in the lock file. Exit
    codes: 0 done (with --between: all passed), 4 no model there, 5 with --between an answer is not
    as expected.
    """
    if (against is None) is (between is None):
        raise click.UsageError("give either --against or --between")
    options = target_of(where)
    if against is not None:
        models = _against(session(spec, options), against)
    else:
        models = _between(spec, options, between or ())
    first, second = sides = [_side(*model) for model in models]
    found = compare(first.verdicts, second.verdicts) if first.verdicts else None
    if as_json:
        output.document("comparison", as_fields(sides, found))
    else:
        click.echo(as_text(sides, found))
    passed = all(verdict.passed for side in sides for verdict in side.verdicts)
    return ExitCode.DONE if passed or between is None else ExitCode.TESTS_FAILED


def _between(spec: Path, options: TargetOptions, names: Iterable[str]) -> list[_Model]:
    """The tuned model at each provider. Every name is looked up before any model is."""
    homes = [(name, session(spec, replace(options, provider=name))) for name in names]
    return [(name, at, _tuned(at)) for name, at in homes]


def _against(at: Session, against: str) -> list[_Model]:
    """The tuned model, and the one it is compared with."""
    tuned = _tuned(at)
    other = {_BASE: at.spec.model, _CURRENT: _current(at)}.get(against, against)
    if other is None:
        raise at.nothing("current model")
    if other == tuned:
        raise StateError(
            f"{against} is the tuned model itself: {tuned}",
            code="FT421",
            hint=f"`--against {_BASE}` compares it with the base model",
        )
    return [("tuned", at, tuned), (against, at, other)]


def _tuned(at: Session) -> str:
    """The model recorded there. Raises StateError."""
    job = at.record.job
    if job is None or job.answers_as is None:
        raise at.nothing("tuned model")
    return job.answers_as


def _current(at: Session) -> str | None:
    current = at.record.current
    return current.model if current else None


def _side(name: str, at: Session, model: str) -> Side:
    """What `model` says there."""
    with wiring.beside(at.spec, at.target, _only_retries(), World()) as run:
        found = tuple(verdicts(run, model, Reuse.STORED))
    return Side(name, at.target.profile.name, model, found)


def _only_retries() -> Emit:
    """Answers are shown together at the end; that a provider is slow is reported at once."""

    def emit(event: Any) -> None:
        if isinstance(event, Retrying):
            click.echo(f"retrying in {event.delay:.0f} s: {event.reason}", err=True)

    return emit
