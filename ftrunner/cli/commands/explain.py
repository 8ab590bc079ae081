"""`ftrunner explain CODE`"""

from __future__ import annotations

from dataclasses import asdict

import click

from ftrunner.catalogue import codes, explain
from ftrunner.cli.options import complete, json_option
from ftrunner.cli.output import Output


@click.command("explain")
@click.argument("code", shell_complete=complete(codes))
@json_option
def command(code: str, out: Output) -> None:
    """Explain a finding's CODE, such as FT203: cause, fix, example."""
    found = explain(code.upper())
    if found is None:
        raise click.BadParameter(f"there is no code {code!r}; codes look like FT203")
    text = f"{found.code}: {found.title}\n\nCause: {found.cause}\n\nFix: {found.fix}"
    example = f"\n\nExample:\n{found.example}" if found.example else ""
    out.result("explanation", asdict(found), f"{text}{example}")
