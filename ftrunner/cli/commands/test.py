"""`ftrunner test SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import json_option, spec_argument, target_options
from ftrunner.cli.session import session
from ftrunner.engine.steps.test import test
from ftrunner.errors import ExitCode


@click.command("test")
@spec_argument
@target_options
@json_option
def command(spec: Path, as_json: bool, **parameters: Any) -> int:
    """Ask SPEC's recorded model the test prompts again, and record the verdict."""
    at = session(spec, parameters)
    with at.run(as_json=as_json, wait=True) as run:
        job = run.journal.record.job
        if job is None or job.answers_as is None:
            raise at.nothing("tuned model")
        return ExitCode.DONE if test(run, job) else ExitCode.TESTS_FAILED
