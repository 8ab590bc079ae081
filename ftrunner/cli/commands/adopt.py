"""`ftrunner adopt SPEC JOB_ID`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import run_options, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import session
from ftrunner.engine.operations.adopt_manually import adopt_manually


@click.command("adopt")
@spec_argument
@click.argument("job_id")
@target_options
@run_options
def command(spec: Path, job_id: str, out: Output, **parameters: Any) -> None:
    """Record JOB_ID as SPEC's job, so that `apply` goes on with it instead of paying again."""
    at = session(spec, parameters)
    wanted = at.wanted
    with at.run(out) as run:
        adopt_manually(run, wanted, job_id)
    if not out.is_json:
        click.echo(f"next: {at.command('apply')}")
