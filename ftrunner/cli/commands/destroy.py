"""`ftrunner destroy SPEC`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import confirmed, run_options, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import Session, session
from ftrunner.engine.operations.destroy import destroy, removal
from ftrunner.errors import StateError
from ftrunner.render.documents.destroy import as_fields, as_text

_OURS = "model and no file of ftrunner's"


@click.command("destroy")
@spec_argument
@target_options
@click.option("--yes", is_flag=True, help="Agree to the deletion.")
@run_options
def command(spec: Path, yes: bool, out: Output, **parameters: Any) -> None:
    """Delete SPEC's tuned model and uploaded files at the provider.

    Says first what would be deleted, and asks. What ftrunner did not create is left alone.
    """
    at = session(spec, parameters)
    with at.run(out) as run:
        planned = removal(run.journal.record, run.command)
        fields = as_fields(planned, endpoint=at.target.endpoint)
        out.result("removal", fields, as_text(planned, where=at.target.where))
        if planned.is_empty:
            raise _only_foreign(at) if planned.keeps_any else at.nothing(_OURS)
        destroy(run, planned, agreed=lambda: yes or _ask(out))


def _only_foreign(at: Session) -> StateError:
    """The error that all there is was made by somebody else."""
    return StateError(
        f"nothing {at.target.where} was made by ftrunner",
        code="FT410",
        hint=f"what is listed can be deleted in the console of {at.target.profile.title}; "
        f"{at.command('forget')} drops what is recorded of it",
    )


def _ask(out: Output) -> bool:
    if out.is_json or not sys.stdin.isatty():
        return False
    return confirmed("Delete these?")
