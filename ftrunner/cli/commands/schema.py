"""`ftrunner schema NAME`"""

from __future__ import annotations

import click

from ftrunner.cli.options import complete, json_option
from ftrunner.cli.output import Output
from ftrunner.document import schema
from ftrunner.text import did_you_mean


@click.command("schema")
@click.argument("name", default="spec", shell_complete=complete(schema.names))
@json_option
def command(name: str, out: Output) -> None:  # noqa: ARG001 - a schema is JSON either way
    """Print the JSON Schema NAME: spec, lock, event, provider, ..."""
    names = schema.names()
    if name not in names:
        near = did_you_mean(name, names) or f"; there are {', '.join(names)}"
        raise click.BadParameter(f"there is no schema {name!r}{near}")
    click.echo(schema.text(name), nl=False)
