"""`ftrunner forget SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import output
from ftrunner.cli.options import json_option, spec_argument, target_options
from ftrunner.cli.session import session
from ftrunner.engine.operations.forget import forget


@click.command("forget")
@spec_argument
@target_options
@json_option
def command(spec: Path, as_json: bool, **parameters: Any) -> None:
    """Drop what is unconfirmed from SPEC's lock file, or, if nothing is, its whole record.

    Nothing at the provider is touched. No key, no network.
    """
    at = session(spec, parameters)
    with at.run(as_json=as_json) as run:
        forgotten = forget(run)
    if as_json:
        output.document("forgotten", {"endpoint": at.target.endpoint, "what": forgotten})
    else:
        click.echo(f"forgot {forgotten}")
