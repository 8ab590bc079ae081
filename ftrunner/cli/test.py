"""`ftrunner test SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import json_option, spec_argument, target_of, target_options
from ftrunner.cli.world import World
from ftrunner.engine.steps.test import test
from ftrunner.errors import ExitCode, StateError


@click.command("test")
@spec_argument
@target_options
@json_option
def command(spec: Path, as_json: bool, **parameters: Any) -> int:
    """Ask SPEC's recorded model the test prompts again, and record the verdict."""
    options = target_of(parameters)
    loaded = loading.load(spec, options)
    target = loading.target(loaded, options)
    with (
        output.renderer(as_json=as_json) as emit,
        wiring.opened(loaded, target, emit, World()) as run,
    ):
        job = run.journal.record.job
        if job is None or job.model is None:
            raise StateError(
                f"{loaded.name} has no tuned model at {target.endpoint}",
                code="FT410",
                hint=f"run `ftrunner apply {spec}` first",
            )
        return ExitCode.DONE if test(run, job) else ExitCode.TESTS_FAILED
