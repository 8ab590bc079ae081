"""`ftrunner mock`"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import output
from ftrunner.cli.options import json_option
from ftrunner.errors import FtrunnerError
from mockserver.dialects.names import NAMES, OPENAI
from mockserver.server import Settings, serve


@click.command("mock")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option("--port", default=8080, show_default=True, help="Port to bind; 0 takes a free one.")
@click.option("--db", type=click.Path(path_type=Path), help="Keep everything in this file.")
@click.option("--speed", default=150.0, show_default=True, help="Divide durations by this.")
@click.option("--clock", type=click.Choice(["wall", "manual"]), default="wall", show_default=True)
@click.option("--seed", type=int, help="Make ids and noise repeatable.")
@click.option("--isolate-keys", is_flag=True, help="Each API key sees only its own objects.")
@click.option("--fixtures", type=click.Path(path_type=Path), help="Objects to start with.")
@click.option("--scenario", help="A scenario's name or file: what is to go wrong.")
@click.option("--dialect", type=click.Choice(NAMES), default=OPENAI, help="Whose API is spoken.")
@json_option
def command(as_json: bool, **options: Any) -> None:
    """Serve the mock provider on this machine until interrupted."""
    try:
        serve(Settings(**options), announce=_announcer(as_json))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise FtrunnerError(f"the mock server cannot start: {error}", code="FT340") from error


def _announcer(as_json: bool) -> Callable[[str], None]:
    if as_json:
        return lambda url: output.document("mock", {"base_url": url})
    return lambda url: click.echo(f"Serving on {url} (stop with ^C)")
