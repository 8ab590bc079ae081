"""`ftrunner test SPEC`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import run_options, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import reported, session
from ftrunner.engine.operations.apply import test_again
from ftrunner.engine.steps.ask import Reuse


@click.command("test")
@spec_argument
@target_options
@click.option("--ask-again", is_flag=True, help="Ask again for answers that are stored, too.")
@click.option("--regrade", is_flag=True, help="Judge stored answers only; send no request.")
@run_options
def command(spec: Path, ask_again: bool, regrade: bool, out: Output, **parameters: Any) -> int:
    """Test SPEC's recorded model with the test prompts and sets, and record the verdict.

    Stored answers are judged without asking again. Exit codes: 0 passed, and the model is
    current; 1 the model does not answer, 5 a prompt or a gate failed, 8 not enough evidence for a
    gate.
    """
    if ask_again and regrade:
        raise click.UsageError("--ask-again and --regrade exclude each other")
    reuse = Reuse.NONE if ask_again else Reuse.ONLY if regrade else Reuse.STORED
    at = session(spec, parameters)
    with at.run(out, wait=True) as run, reported(run):
        job = run.journal.record.job
        if job is None or job.answers_as is None:
            raise at.nothing("tuned model")
        return test_again(run, job, reuse)
