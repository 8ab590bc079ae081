"""Dropping from the lock file what a person knows better."""

from __future__ import annotations

from ftrunner.engine.checks.bills import warn_running_costs
from ftrunner.engine.context import Run
from ftrunner.errors import StateError
from ftrunner.state.lock import Record


def forget(run: Run) -> str:
    """Drop what is in doubt, or, where nothing is, the endpoint's whole record; what was dropped.

    Nothing at the provider is touched. Raises StateError where there is nothing to forget.
    """
    record = run.journal.record
    if record.job_intent or record.unconfirmed_jobs:
        run.journal.drop_unconfirmed_jobs()
        return "the job whose creation was in doubt"
    if record.file_intent:
        run.journal.no_file_created()
        return f"the upload of {record.file_intent.filename}, which was in doubt"
    if record.resource_intent:
        run.journal.no_resource_created()
        return f"the {record.resource_intent.noun} whose creation was in doubt"
    if record == Record(provider=record.provider):
        raise StateError(
            f"nothing is recorded of {run.spec.name} {run.target.where}",
            code="FT410",
            hint=f"{run.command('status')} shows what there is",
        )
    warn_running_costs(run, "ftrunner will not know of it any more")
    run.journal.forget()
    return f"everything recorded {run.target.where}"
