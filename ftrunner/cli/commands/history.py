"""`ftrunner history SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import json_option, rehearsed_option, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import REHEARSED, session
from ftrunner.cli.state_paths import places
from ftrunner.engine.report.history import MOST, history
from ftrunner.render.documents.history import as_fields, as_text
from ftrunner.render.documents.record import unfinished


@click.command("history")
@spec_argument
@target_options
@rehearsed_option
@click.option(
    "--last", type=click.IntRange(1, MOST), default=MOST, metavar="N", help="Only the last N runs."
)
@json_option
def command(spec: Path, last: int, out: Output, **parameters: Any) -> None:
    """Show every run of SPEC: date, commit, data, outcome, effect with interval, and cost.

    The runs are those of the lock file's versions in git; without git, those that are kept on this
    machine. No key, no network.
    """
    at = session(spec, parameters)
    where = places(at.spec, at.target)
    found = history(at.spec, at.target, where.lock, where.run_folders, last)
    text = as_text(found, name=at.spec.name, run=unfinished(at.process))
    if not found.runs and at.is_only_rehearsed:
        text = f"{text}; {REHEARSED}"
    out.result("history", as_fields(found), text)
