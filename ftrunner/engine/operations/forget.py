"""Drop a record, or unconfirmed requests, from the lock file."""

from __future__ import annotations

from ftrunner.engine.checks.price import warn_running_costs
from ftrunner.engine.context import Run
from ftrunner.errors import StateError
from ftrunner.state.lock import Record


def forget(run: Run) -> str:
    """Drop the unconfirmed request, or else the endpoint's whole record; says what was dropped.

    Nothing at the provider is touched. Raises StateError if there is nothing to forget.
    """
    record = run.journal.record
    if record.job_intent or record.unconfirmed_jobs:
        run.journal.drop_unconfirmed_jobs()
        return "the unconfirmed job"
    if record.file_intent:
        run.journal.no_file_created()
        return f"the unconfirmed upload of {record.file_intent.filename}"
    if record.resource_intent:
        run.journal.no_resource_created()
        return f"the unconfirmed {record.resource_intent.noun}"
    if record == Record(provider=record.provider):
        raise StateError(
            f"nothing is recorded for {run.spec.name} {run.target.where}",
            code="FT410",
            hint=f"{run.command('status')} shows what is recorded",
        )
    warn_running_costs(run, "ftrunner will no longer know about it")
    run.journal.forget()
    return f"everything recorded {run.target.where}"
