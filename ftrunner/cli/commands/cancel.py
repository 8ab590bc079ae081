"""`ftrunner cancel SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import run_options, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import session
from ftrunner.engine.jobs.cancel import cancel
from ftrunner.state.mutex import AtWork


@click.command("cancel")
@spec_argument
@target_options
@run_options
def command(spec: Path, out: Output, **parameters: Any) -> None:
    """Cancel SPEC's running job at the provider, also while another process follows it."""
    at = session(spec, parameters)
    try:
        with at.run(out) as run:
            done = f"cancelled {cancel(run)}"
    except AtWork:
        if at.target.is_rehearsal:  # whose provider is in the other process
            raise
        with at.beside(out) as run:
            done = f"cancelled {cancel(run, records=False)}; the process that follows it records it"
    if not out.is_json:
        click.echo(done)
