"""`ftrunner cancel SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import json_option, spec_argument, target_options
from ftrunner.cli.session import session
from ftrunner.engine.cancel import cancel


@click.command("cancel")
@spec_argument
@target_options
@json_option
def command(spec: Path, as_json: bool, **parameters: Any) -> None:
    """Cancel SPEC's running job at the provider."""
    with session(spec, parameters).run(as_json=as_json) as run:
        job_id = cancel(run)
    if not as_json:
        click.echo(f"cancelled {job_id}")
