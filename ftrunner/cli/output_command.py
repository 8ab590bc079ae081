"""`ftrunner output SPEC [model|job|file]`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import json_option, spec_argument, target_of, target_options
from ftrunner.errors import StateError
from ftrunner.state.lock import Record


@click.command("output")
@spec_argument
@click.argument("what", type=click.Choice(["model", "job", "file"]), default="model")
@target_options
@json_option
def command(spec: Path, what: str, as_json: bool, **parameters: Any) -> None:
    """Print the bare value of SPEC's current model, job or training file, for scripts."""
    options = target_of(parameters)
    loaded = loading.load(spec, options)
    target = loading.target(loaded, options)
    value = _value(wiring.record(loaded, target), what)
    if value is None:
        raise StateError(
            f"{loaded.name} has no {'current model' if what == 'model' else what}"
            f" at {target.endpoint}",
            code="FT410",
            hint=f"run `ftrunner apply {spec}`; `ftrunner status {spec}` shows what there is",
        )
    if as_json:
        output.document("output", {"what": what, "value": value})
    else:
        click.echo(value)


def _value(record: Record, what: str) -> str | None:
    if what == "model":
        return record.current.model if record.current else None
    if what == "job":
        return record.job.id if record.job else None
    file = record.files.get("train")
    return file.id if file else None
