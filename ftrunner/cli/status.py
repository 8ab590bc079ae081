"""`ftrunner status SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import json_option, spec_argument, target_of, target_options
from ftrunner.cli.world import World
from ftrunner.engine.refresh import refresh as ask_after
from ftrunner.engine.target import Target
from ftrunner.providers.facts import billing
from ftrunner.render.record import as_text
from ftrunner.spec.model import Spec


@click.command("status")
@spec_argument
@target_options
@click.option("--refresh", is_flag=True, help="Ask the provider first, and record its answer.")
@json_option
def command(spec: Path, refresh: bool, as_json: bool, **parameters: Any) -> None:
    """Show what the lock file records of SPEC. No key and no network without --refresh."""
    options = target_of(parameters)
    loaded = loading.load(spec, options)
    target = loading.target(loaded, options)
    if refresh:
        _refresh(loaded, target, as_json=as_json)
    record = wiring.record(loaded, target)
    if as_json:
        fields = {"endpoint": target.endpoint, "record": msgspec.to_builtins(record)}
        output.document("status", fields)
    else:
        cost = billing(target.profile.serving)
        click.echo(as_text(record, name=loaded.name, endpoint=target.endpoint, cost=cost))


def _refresh(spec: Spec, target: Target, *, as_json: bool) -> None:
    with (
        output.renderer(as_json=as_json) as emit,
        wiring.opened(spec, target, emit, World(), wait=False) as run,
    ):
        ask_after(run)
