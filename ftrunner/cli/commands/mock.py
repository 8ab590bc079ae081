"""`ftrunner mock`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import json_option
from ftrunner.cli.output import Output
from ftrunner.cli.rehearsal import SPEED, MockCannotStart
from mockserver.dialects import NAMES, OPENAI
from mockserver.server import ServerStartError, Settings, serve


@click.command("mock")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option("--port", default=8080, show_default=True, help="Port to bind; 0 takes a free one.")
@click.option("--db", type=click.Path(path_type=Path), help="Keep everything in this file.")
@click.option(
    "--speed", default=SPEED, show_default=True, help="Divide durations by this; 1 is lifelike."
)
@click.option("--clock", type=click.Choice(["wall", "manual"]), default="wall", show_default=True)
@click.option("--seed", type=int, help="Make ids and noise repeatable.")
@click.option("--isolate-keys", is_flag=True, help="Each API key sees only its own objects.")
@click.option("--fixtures", type=click.Path(path_type=Path), help="Objects to start with.")
@click.option("--scenario", help="What goes wrong: a scenario's name or file.")
@click.option(
    "--dialect", type=click.Choice(NAMES), default=OPENAI, help="The provider whose API to speak."
)
@click.option("--plain-results", is_flag=True, help="Result files as plain CSV, not base64.")
@click.option(
    "--max-active-jobs", type=int, default=3, show_default=True, help="Jobs at once before a 429."
)
@click.option(
    "--tokens",
    type=click.Choice(["approximate", "exact"]),
    default="approximate",
    show_default=True,
    help="How to count `usage`; exact loads a vocabulary.",
)
@json_option
def command(out: Output, **options: Any) -> None:
    """Serve the mock provider on this machine until interrupted."""
    if options["db"] and not options["db"].absolute().parent.is_dir():
        raise click.UsageError(f"the folder of --db {options['db']} does not exist")

    def announce(url: str) -> None:
        out.result("mock", {"base_url": url}, f"Serving on {url} (stop with ^C)")

    try:
        serve(Settings(**options), announce=announce)
    except (OSError, ValueError, ServerStartError) as error:
        raise MockCannotStart(f"the mock server cannot start: {error}", code="FT340") from error
