"""`ftrunner apply SPEC...`"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import (
    TargetOptions,
    json_option,
    specs_argument,
    target_of,
    target_options,
)
from ftrunner.dataset.cost import Estimate
from ftrunner.engine.adoption import FRESH_PREFIX
from ftrunner.engine.apply import apply
from ftrunner.engine.consent import Ask, Consent
from ftrunner.engine.estimate import priced
from ftrunner.engine.plan import Options
from ftrunner.engine.target import Target
from ftrunner.errors import ExitCode, FtrunnerError, gravest
from ftrunner.render.money import describe


@click.command("apply")
@specs_argument
@target_options
@click.option("--yes", is_flag=True, help="Agree to pay for new jobs.")
@click.option("--retry", is_flag=True, help="Train again what failed with the same inputs.")
@click.option("--fresh", is_flag=True, help="Make a new job even where one of the same inputs is.")
@click.option("--no-wait", is_flag=True, help="Leave at once where another process is at work.")
@json_option
def command(
    specs: tuple[Path, ...],
    yes: bool,
    retry: bool,
    fresh: bool,
    no_wait: bool,
    as_json: bool,
    **parameters: Any,
) -> int:
    """Take SPECs from data to a tested model, doing only what is not done yet.

    Exit codes: 0 done or nothing to do, 1 the job failed, 2 invalid input or no consent, 4 state,
    5 the tuned model failed its tests, 6 over budget, 7 gave up waiting, 130 interrupted.
    """
    target = target_of(parameters)
    options = Options(retry=retry, fresh=fresh)
    one = partial(_apply, target, options, yes=yes, wait=not no_wait, as_json=as_json)
    return gravest([one(spec) for spec in specs])


def _apply(
    options: TargetOptions, wanted: Options, path: Path, *, yes: bool, wait: bool, as_json: bool
) -> ExitCode:
    try:
        spec = loading.load(path, options)
        target = loading.target(spec, options)
        prefix = FRESH_PREFIX if wanted.fresh else ""
        with (
            output.renderer(as_json=as_json) as emit,
            wiring.opened(spec, target, emit, prefix=prefix, wait=wait) as run,
        ):
            consent = Consent(partial(priced, spec, target), yes=yes, ask=_asker(as_json))
            return apply(run, wanted, consent)
    except FtrunnerError as error:
        return output.report(error, as_json=as_json)


def _asker(as_json: bool) -> Ask | None:
    return None if as_json or not sys.stdin.isatty() else _ask


def _ask(target: Target, estimate: Estimate) -> bool:
    question = f"Start a new job at {target.base_url} ({describe(estimate)})?"
    return click.confirm(question, err=True)
