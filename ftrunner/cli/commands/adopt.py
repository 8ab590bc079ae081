"""`ftrunner adopt SPEC JOB_ID`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import json_option, spec_argument, target_options
from ftrunner.cli.session import session
from ftrunner.engine.operations.adopt_manually import adopt_manually


@click.command("adopt")
@spec_argument
@click.argument("job_id")
@target_options
@json_option
def command(spec: Path, job_id: str, as_json: bool, **parameters: Any) -> None:
    """Record JOB_ID as SPEC's job, so that `apply` goes on with it instead of paying again."""
    at = session(spec, parameters)
    wanted = at.wanted
    with at.run(as_json=as_json) as run:
        adopt_manually(run, wanted, job_id)
    if not as_json:
        click.echo(f"next: {at.command('apply')}")
