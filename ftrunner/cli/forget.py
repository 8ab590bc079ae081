"""`ftrunner forget SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import json_option, spec_argument, target_of, target_options
from ftrunner.cli.world import World
from ftrunner.engine.forget import forget


@click.command("forget")
@spec_argument
@target_options
@json_option
def command(spec: Path, as_json: bool, **parameters: Any) -> None:
    """Drop what is in doubt from SPEC's lock file, or, where nothing is, its whole record.

    Nothing at the provider is touched. No key, no network.
    """
    options = target_of(parameters)
    loaded = loading.load(spec, options)
    target = loading.target(loaded, options)
    with (
        output.renderer(as_json=as_json) as emit,
        wiring.opened(loaded, target, emit, World(), wait=False) as run,
    ):
        forgotten = forget(run)
    if as_json:
        output.document("forgotten", {"endpoint": target.endpoint, "what": forgotten})
    else:
        click.echo(f"forgot {forgotten}")
