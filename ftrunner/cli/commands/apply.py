"""`ftrunner apply SPEC...`"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import parallel_apply
from ftrunner.cli.applying import ApplyRequest, apply_task, read_tasks
from ftrunner.cli.options import (
    confirmed,
    run_options,
    scenario_option,
    specs_argument,
    target_of,
    target_options,
    tokens_option,
)
from ftrunner.cli.output import Output
from ftrunner.cli.wiring import World
from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.plan import Options
from ftrunner.engine.target import Target
from ftrunner.errors import ExitCode, FtrunnerError, gravest
from ftrunner.render.documents.money import describe

_STOPPED = (ExitCode.INTERRUPTED, ExitCode.TERMINATED)


@click.command("apply")
@specs_argument
@target_options
@click.option("--yes", is_flag=True, help="Agree to pay for new jobs.")
@click.option("--retry", is_flag=True, help="Train again if a job with the same inputs failed.")
@click.option(
    "--fresh", is_flag=True, help="Create a new job even if one with the same inputs exists."
)
@click.option(
    "--no-wait", is_flag=True, help="Exit at once if another process is working on the spec."
)
@click.option("--cancel-on-interrupt", is_flag=True, help="Let ^C cancel the job, too.")
@click.option("--parallel", type=click.IntRange(1, 64), default=1, help="Apply N specs at a time.")
@scenario_option("Rehearse a scenario (implies --mock); it starts over each time.")
@tokens_option(default=Counting.EXACT)
@run_options
def command(
    specs: tuple[Path, ...],
    tokens: Counting,
    yes: bool,
    retry: bool,
    fresh: bool,
    no_wait: bool,
    cancel_on_interrupt: bool,
    parallel: int,
    out: Output,
    **parameters: Any,
) -> int:
    """Take SPECs from data to a tested model, doing only what is left to do.

    Exit codes: 0 done or nothing to do, 1 the job failed, 2 invalid input or no consent, 4 state,
    5 the tuned model failed its tests, 6 over budget, 7 gave up waiting, 8 not enough evidence for
    a gate, 130 interrupted. With several specs, the first of 3, 4, 2, 6, 1, 7, 5, 8 that one ended
    with.
    """
    request = ApplyRequest(
        target=target_of(parameters),
        options=Options(retry=retry, fresh=fresh),
        counting=tokens,
        yes=yes,
        wait=not no_wait,
        cancel_on_interrupt=cancel_on_interrupt,
    )
    if parallel > 1:
        return parallel_apply.apply_at_once(specs, request, workers=parallel, out=out)
    return _one_after_another(specs, request, out)


def _one_after_another(specs: tuple[Path, ...], request: ApplyRequest, out: Output) -> ExitCode:
    """A failure does not stop the rest; ^C does. Nothing is sent before all specs are checked."""
    ask = None if out.is_json or not sys.stdin.isatty() else _ask
    tasks, codes = read_tasks(
        specs,
        request,
        World(),
        lambda path, error: out.error(error, path if len(specs) > 1 else None),
    )
    if codes:
        return gravest(codes)
    for task in tasks:
        errors: list[FtrunnerError] = []
        with out.run() as emit:
            codes.append(apply_task(task, request, World(), emit, partial(_keep, errors), ask))
        for error in errors:  # once the live line is gone
            out.error(error)
        if codes[-1] in _STOPPED:
            break
    return gravest(codes)


def _keep(errors: list[FtrunnerError], error: FtrunnerError) -> ExitCode:
    errors.append(error)
    return error.exit_code


def _ask(target: Target, estimate: Estimate) -> bool:
    question = f"Start a new job at {target.base_url} ({describe(estimate)})?"
    return confirmed(question)
