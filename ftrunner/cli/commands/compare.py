"""`ftrunner compare SPEC --against MODEL`, `ftrunner compare SPEC --between PROVIDER PROVIDER`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import msgspec

from ftrunner.cli import wiring
from ftrunner.cli.options import (
    TargetOptions,
    json_option,
    spec_argument,
    target_of,
    target_options,
)
from ftrunner.cli.output import Output, meanwhile
from ftrunner.cli.session import Session, session
from ftrunner.cli.wiring import World
from ftrunner.engine.steps.announce import set_compared, set_measured
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.contenders import Contender, contender_of
from ftrunner.engine.steps.measure import Measurement, measured, readable_sets
from ftrunner.engine.steps.test import verdicts
from ftrunner.errors import ExitCode, StateError
from ftrunner.evaluation.comparison import compare
from ftrunner.evaluation.sets.kept import AskedAt, kept_sets
from ftrunner.events import Emit
from ftrunner.providers.registry import UnknownProvider
from ftrunner.render.documents.compare import SetTable, Side, as_fields, as_text
from ftrunner.spec.testing import BASE, CURRENT, TUNED, Opponent


@dataclass(frozen=True, slots=True)
class _Asked:
    """A model that is compared: what its column is called, where it is, and who it is there."""

    name: str
    at: Session
    contender: Contender

    @property
    def model(self) -> str:
        return self.contender.model or ""


@click.command("compare")
@spec_argument
@click.option(
    "--against",
    metavar="MODEL",
    help="`base`, `current`, a name under tests.against, or a model at the same provider.",
)
@click.option(
    "--between",
    nargs=2,
    metavar="PROVIDER PROVIDER",
    help="The models at two providers, by profile name.",
)
@target_options
@json_option
def command(
    spec: Path, against: str | None, between: tuple[str, str] | None, out: Output, **where: Any
) -> int:
    """Ask two models SPEC's test prompts and sets; say which is better, and how sure that is.

    --against compares SPEC's tuned model with another; --between compares the tuned models at two
    providers. Stored answers are used again. Nothing is recorded in the lock file. Exit codes:
    0 done, 4 there is no model to compare, 5 a test prompt failed (only with --between).
    """
    if (against is None) is (between is None):
        raise click.UsageError(
            "give one of: --against base, --against MODEL, --between PROVIDER PROVIDER"
        )
    options = target_of(where)
    if against is not None:
        models = _against(session(spec, options), against)
    else:
        models = _between(spec, options, between or ())
    with meanwhile() as emit:
        # The second first: only it may be a name that the provider does not have.
        answered = [_answered(model, emit) for model in reversed(models)][::-1]
    first, second = sides = [side for side, _ in answered]
    found = compare(first.verdicts, second.verdicts) if first.verdicts else None
    sets = tuple(_tables(models, [of_sets for _, of_sets in answered]))
    out.result("comparison", as_fields(sides, found, sets), as_text(sides, found, sets))
    passed = all(verdict.passed for side in sides for verdict in side.verdicts)
    return ExitCode.DONE if passed or between is None else ExitCode.TESTS_FAILED


def _between(spec: Path, options: TargetOptions, names: Sequence[str]) -> list[_Asked]:
    """The tuned model at each provider. Every name is looked up before any model is."""
    try:
        homes = [(name, session(spec, replace(options, provider=name))) for name in names]
    except UnknownProvider as error:
        if meant := next((name for name in names if name in (BASE, CURRENT)), None):
            error.hint = f"to compare with the {meant} model use `--against {meant}`"
        raise
    return [_Asked(name, at, Contender(name, _tuned(at))) for name, at in homes]


def _against(at: Session, against: str) -> list[_Asked]:
    """The tuned model, and the one it is compared with."""
    tuned = _tuned(at)
    written = {one.name: one for one in at.spec.tests.against}
    model = None if against in (BASE, CURRENT) else against
    opponent = written.get(against) or Opponent(against, model)
    with (
        meanwhile() as emit,
        wiring.open_readonly(at.spec, at.target, emit, World()) as run,
    ):
        other = contender_of(run, opponent)
    if other.model is None:
        raise at.nothing("current model")
    if other.model == tuned and other.elsewhere is None:
        raise StateError(
            f"{against} is the tuned model itself: {tuned}",
            code="FT421",
            hint=f"`--against {BASE}` compares it with the base model",
        )
    return [_Asked(TUNED, at, Contender(TUNED, tuned)), _Asked(against, at, other)]


def _tuned(at: Session) -> str:
    """The model recorded there. Raises StateError."""
    job = at.record.job
    if job is None or job.answers_as is None:
        raise at.nothing("tuned model")
    return job.answers_as


def _answered(asked: _Asked, emit: Emit) -> tuple[Side, Measurement]:
    """What a model says to the prompts and to the rows of each set."""
    at = asked.at
    with (
        wiring.open_readonly(at.spec, at.target, emit, World()) as here,
        asked.contender.at(here) as run,
    ):
        prompts = tuple(verdicts(run, asked.model, Reuse.STORED))
        alone = replace(asked.contender, elsewhere=None)
        of_sets = measured(run, [alone], readable_sets(run), Reuse.STORED)
        side = Side(asked.name, run.target.profile.name, asked.model, prompts)
    return side, of_sets


def _tables(models: Sequence[_Asked], found: Sequence[Measurement]) -> Iterator[SetTable]:
    """Each set with the figures of both models, and how the first compares with the second."""
    first, second = found
    one, _ = models
    tests = one.at.spec.tests
    where = {TUNED: first.where.get(one.name, AskedAt("")), **second.where}
    sets = {
        name: {TUNED: by_model[one.name], **second.sets[name]}
        for name, by_model in first.sets.items()
    }
    for kept in kept_sets(tests, sets, where):
        rows = [set_measured(kept, model) for model in kept.models]
        yield SetTable(
            (msgspec.structs.replace(rows[0], who=one.name), *rows[1:]),
            tuple(set_compared(kept, each, tests.confidence) for each in kept.comparisons),
        )
