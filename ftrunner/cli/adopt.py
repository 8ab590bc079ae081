"""`ftrunner adopt SPEC JOB_ID`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import json_option, spec_argument, target_of, target_options
from ftrunner.cli.world import World
from ftrunner.engine.claim import claim
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.want import want


@click.command("adopt")
@spec_argument
@click.argument("job_id")
@target_options
@json_option
def command(spec: Path, job_id: str, as_json: bool, **parameters: Any) -> None:
    """Record JOB_ID as SPEC's job, so that `apply` goes on with it instead of paying again."""
    options = target_of(parameters)
    loaded = loading.load(spec, options)
    target = loading.target(loaded, options)
    wanted = want(loaded, prepare(loaded, target), target.profile)
    with (
        output.renderer(as_json=as_json) as emit,
        wiring.opened(loaded, target, emit, World(), wait=False) as run,
    ):
        job = claim(run, wanted, job_id)
    if not as_json:
        click.echo(f"adopted {job.id}; next: ftrunner apply {spec}")
