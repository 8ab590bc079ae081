"""`ftrunner verify SPEC...`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import (
    TargetOptions,
    json_option,
    rehearsed_option,
    specs_argument,
    target_of,
    target_options,
)
from ftrunner.cli.output import Output
from ftrunner.cli.session import Session, next_step_hint, session
from ftrunner.engine.plan import Action, Options, Plan, plan
from ftrunner.errors import ExitCode, FtrunnerError, StateError, gravest
from ftrunner.state.lock import Record
from ftrunner.text import escaped


@click.command("verify")
@specs_argument
@target_options
@rehearsed_option
@json_option
def command(specs: tuple[Path, ...], out: Output, **parameters: Any) -> int:
    """Check that the lock files match SPECs, their data and their tests. No key, no network.

    Exits with 4 where `apply` would have something to do.
    """
    options = target_of(parameters)
    return gravest([_verify(spec, options, out) for spec in specs])


def _verify(path: Path, options: TargetOptions, out: Output) -> ExitCode:
    try:
        model = _verified(path, options)
    except FtrunnerError as error:
        return out.error(error)
    fields = {"spec": str(path), "matches": True, "model": model}
    text = f"{escaped(str(path))}: matches its lock file; {model or 'no model is current'}"
    out.result("verification", fields, text)
    return ExitCode.DONE


def _verified(path: Path, options: TargetOptions) -> str | None:
    """The current model. Raises StateError, with every reason, where something is not done."""
    at = session(path, options)
    record = at.record
    decided = plan(at.wanted, record, None, Options())
    if not at.is_recorded:
        raise StateError(
            f"{path} was never applied {at.target.where}, or its lock file is not here",
            code="FT415",
            hint=_onward(decided, record, at),
        )
    if why := _why(decided, record):
        raise StateError(
            f"{path} {why}",
            code="FT415",
            hint=_onward(decided, record, at),
        )
    return record.current.model if record.current else None


def _why(decided: Plan, record: Record) -> str | None:
    """What keeps the spec from being done, in words; None where it is."""
    if record.unconfirmed:
        requests = " and ".join(f"{one} is unconfirmed" for one in record.unconfirmed)
        return f"does not match its lock file yet: {requests}"
    if decided.unfinished is None:
        return None
    tests = record.tests
    same_tests = tests is None or tests.digest == decided.wanted.tests
    same_job = record.job is not None and record.job.fingerprint == decided.wanted.fingerprint
    matches = same_job and same_tests
    head = "matches its lock file, but" if matches else "does not match its lock file:"
    return f"{head} {decided.unfinished.reason}"


def _onward(decided: Plan, record: Record, at: Session) -> str:
    """What makes the lock file match, also where `apply` by itself would end as it did before."""
    tests = record.tests
    fails_again = tests and not tests.passed and tests.digest == decided.wanted.tests
    if decided.train.action is Action.STOP or (decided.train.action is Action.SKIP and fails_again):
        return f"{next_step_hint(record, at.command)}; then commit the lock file"
    return f"run {at.command('apply')} and commit the lock file"
