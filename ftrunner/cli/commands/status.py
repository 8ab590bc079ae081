"""`ftrunner status SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from ftrunner.cli import output
from ftrunner.cli.options import json_option, spec_argument, target_options
from ftrunner.cli.session import REHEARSED, session
from ftrunner.engine.operations.refresh import refresh as ask_after
from ftrunner.providers.facts import billing
from ftrunner.render.documents.record import as_text


@click.command("status")
@spec_argument
@target_options
@click.option("--refresh", is_flag=True, help="Ask the provider first, and record its answer.")
@json_option
def command(spec: Path, refresh: bool, as_json: bool, **parameters: Any) -> None:
    """Show what the lock file records of SPEC. No key and no network without --refresh."""
    at = session(spec, parameters)
    if refresh:
        with at.run(as_json=as_json) as run:
            ask_after(run)
    record, endpoint = at.record, at.target.endpoint
    if as_json:
        fields = {"endpoint": endpoint, "record": msgspec.to_builtins(record)}
        output.document("status", fields)
    else:
        cost = billing(at.target.profile.serving, at.spec.deployment)
        apply = at.target.command("apply", spec)
        shown = as_text(record, name=at.spec.name, endpoint=endpoint, apply=apply, cost=cost)
        click.echo(shown)
        if at.is_only_rehearsed:
            click.echo(REHEARSED)
