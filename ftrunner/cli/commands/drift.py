"""`ftrunner drift SPEC...`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.error_output import report
from ftrunner.cli.options import (
    TargetOptions,
    json_option,
    specs_argument,
    target_of,
    target_options,
)
from ftrunner.cli.wiring import World
from ftrunner.engine.operations.drift import drift
from ftrunner.errors import ExitCode, FtrunnerError, gravest
from ftrunner.events import Event


@click.command("drift")
@specs_argument
@target_options
@json_option
def command(specs: tuple[Path, ...], as_json: bool, **parameters: Any) -> int:
    """Tell what is no longer at the provider as SPECs' lock files say: models deleted or stopping
    within 90 days, deployments gone, files expired, training no longer offered.

    Changes nothing. Exit codes: 0 all is there, 4 something is not; for a nightly job.
    """
    options = target_of(parameters)
    return gravest([_one(path, options, as_json=as_json) for path in specs])


def _one(path: Path, options: TargetOptions, *, as_json: bool) -> ExitCode:
    try:
        loaded = loading.load(path, options)
        target = loaded.target()
        with wiring.opened(loaded.spec, target, _silent, World()) as run:
            found = drift(run)
    except FtrunnerError as error:
        return report(error, as_json=as_json)
    if as_json:
        fields = {"spec": str(path), "endpoint": target.endpoint, "drift": list(found)}
        output.document("drift", fields)
    else:
        click.echo("\n".join(f"{path}: {line}" for line in found or ("all is there",)))
    return ExitCode.STATE if found else ExitCode.DONE


def _silent(_event: Event) -> None:
    """What is found is told at the end, in one piece."""
