"""`ftrunner drift SPEC...`"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, wiring
from ftrunner.cli.options import (
    TargetOptions,
    json_option,
    specs_argument,
    target_of,
    target_options,
)
from ftrunner.cli.output import Output
from ftrunner.cli.wiring import World
from ftrunner.engine.context import Run
from ftrunner.engine.operations.drift import Drift, acknowledge, drift
from ftrunner.errors import ExitCode, FtrunnerError, gravest
from ftrunner.events import Event


@click.command("drift")
@specs_argument
@target_options
@click.option(
    "--within",
    type=click.IntRange(1, 3650),
    metavar="DAYS",
    help="Count what is announced to end within DAYS, too.",
)
@click.option(
    "--acknowledge",
    "accept",
    is_flag=True,
    help="Record what is found as known; it is still shown, but no longer counts.",
)
@json_option
def command(
    specs: tuple[Path, ...],
    within: int | None,
    accept: bool,
    out: Output,
    **parameters: Any,
) -> int:
    """Report what SPECs' lock files record and the provider no longer has: models, deployments,
    files, training itself.

    Ends announced for the next 90 days are notes; with --within they count. Changes nothing there.
    Exit codes, for a nightly job: 0 everything is there or acknowledged, 4 something is not.
    """
    options = target_of(parameters)
    look = partial(_look, within=within, accept=accept)
    return gravest([_one(path, options, look, out) for path in specs])


def _look(run: Run, *, within: int | None, accept: bool) -> Drift:
    seen = drift(run, within)
    if not accept:
        return seen
    acknowledge(run, seen)
    return replace(seen, found=(), acknowledged=(*seen.acknowledged, *seen.found))


def _one(path: Path, options: TargetOptions, look: Callable[[Run], Drift], out: Output) -> ExitCode:
    try:
        loaded = loading.load(path, options)
        target = loaded.target()
        with wiring.open_run(loaded.spec, target, _silent, World()) as run:
            seen = look(run)
    except FtrunnerError as error:
        return out.error(error)
    fields = {"spec": str(path), "endpoint": target.endpoint}
    found = {"drift": list(seen.found), "acknowledged": list(seen.acknowledged)}
    known = [f"{line} (acknowledged)" for line in seen.acknowledged]
    lines = [*seen.found, *known] or ["all is there"]
    lines += [f"note: {line}" for line in seen.notes]
    text = "\n".join(f"{path}: {line}" for line in lines)
    out.result("drift", {**fields, **found, "notes": list(seen.notes)}, text)
    return ExitCode.STATE if seen.found else ExitCode.DONE


def _silent(_event: Event) -> None:
    """What is found is printed at the end, in one piece."""
