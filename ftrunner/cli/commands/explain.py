"""`ftrunner explain CODE`"""

from __future__ import annotations

from dataclasses import asdict

import click

from ftrunner.catalogue import codes, explain
from ftrunner.cli import output
from ftrunner.cli.options import complete, json_option


@click.command("explain")
@click.argument("code", shell_complete=complete(codes))
@json_option
def command(code: str, as_json: bool) -> None:
    """Explain a finding's CODE, such as FT203: cause, fix, example."""
    found = explain(code.upper())
    if found is None:
        raise click.BadParameter(f"there is no code {code!r}; codes look like FT203")
    if as_json:
        output.document("explanation", asdict(found))
        return
    click.echo(f"{found.code}: {found.title}\n\nCause: {found.cause}\n\nFix: {found.fix}")
    if found.example:
        click.echo(f"\nExample:\n{found.example}")
