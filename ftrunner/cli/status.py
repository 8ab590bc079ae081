"""`ftrunner status SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import json_option, spec_argument, target_of, target_options
from ftrunner.render.record import as_text


@click.command("status")
@spec_argument
@target_options
@json_option
def command(spec: Path, as_json: bool, **parameters: Any) -> None:
    """Show what the lock file records of SPEC. No key, no network."""
    options = target_of(parameters)
    loaded = loading.load(spec, options)
    target = loading.target(loaded, options)
    record = wiring.record(loaded, target)
    if as_json:
        fields = {"endpoint": target.endpoint, "record": msgspec.to_builtins(record)}
        output.document("status", fields)
    else:
        click.echo(as_text(record, name=loaded.name, endpoint=target.endpoint))
