"""`ftrunner output SPEC [model|job|file]`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import output
from ftrunner.cli.options import json_option, spec_argument, target_options
from ftrunner.cli.session import session
from ftrunner.state.lock import Record
from ftrunner.text import one_line


@click.command("output")
@spec_argument
@click.argument("what", type=click.Choice(["model", "job", "file"]), default="model")
@target_options
@json_option
def command(spec: Path, what: str, as_json: bool, **parameters: Any) -> None:
    """Print the bare value of SPEC's current model, job or training file, for scripts."""
    at = session(spec, parameters)
    value = _value(at.record, what)
    if value is None:
        raise at.nothing("current model" if what == "model" else what)
    if as_json:
        output.document("output", {"what": what, "value": value})
    else:
        click.echo(one_line(value, bound=len(value)))


def _value(record: Record, what: str) -> str | None:
    if what == "model":
        return record.current.model if record.current else None
    if what == "job":
        return record.job.id if record.job else None
    file = record.files.get("train")
    return file.id if file else None
