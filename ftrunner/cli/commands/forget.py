"""`ftrunner forget SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import run_options, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import session
from ftrunner.engine.operations.forget import forget


@click.command("forget")
@spec_argument
@target_options
@run_options
def command(spec: Path, out: Output, **parameters: Any) -> None:
    """Drop what is unconfirmed from SPEC's lock file, or, if nothing is, its whole record.

    Nothing at the provider is touched. No key, no network.
    """
    at = session(spec, parameters)
    with at.run(out) as run:
        forgotten = forget(run)
    fields = {"endpoint": at.target.endpoint, "what": forgotten}
    out.result("forgotten", fields, f"forgot {forgotten}")
