"""Stopped by ^C or SIGTERM: what goes on without us, and how to come back to it."""

from __future__ import annotations

from ftrunner.api.errors import ApiError
from ftrunner.engine.cancel import cancel
from ftrunner.engine.context import Run
from ftrunner.errors import ExitCode, Interrupted, Terminated


def interrupted(run: Run, interrupt: BaseException, *, cancel_job: bool) -> Interrupted:
    """The error that ends the run; with `cancel_job`, a running job is cancelled first."""
    message, hint = _end(run) if cancel_job and _is_running(run) else _tell(run)
    return Interrupted(message, exit_code=_code(interrupt), hint=hint)


def _code(interrupt: BaseException) -> ExitCode:
    if isinstance(interrupt, BrokenPipeError):
        return ExitCode.READER_LEFT
    return ExitCode.TERMINATED if isinstance(interrupt, Terminated) else ExitCode.INTERRUPTED


def _is_running(run: Run) -> bool:
    job = run.journal.record.job
    return job is not None and not job.state.is_final


def _end(run: Run) -> tuple[str, str]:
    try:
        return f"cancelled {cancel(run)}", f"{run.command('apply', '--retry')} trains again"
    except ApiError as error:
        _, hint = _tell(run)
        return f"interrupted; the job could not be cancelled: {error.message}", hint


def _tell(run: Run) -> tuple[str, str]:
    record, apply = run.journal.record, run.command("apply")
    if run.target.scenario is not None:
        return "stopped", f"{apply} starts anew, as every rehearsal of a scenario"
    if record.job_intent:
        return (
            "stopped while a job was being created; it may exist",
            f"{apply} finds out before it creates anything",
        )
    if record.job and _is_running(run):
        return (
            f"stopped watching; {record.job.id} goes on at the provider",
            f"{apply} picks it up again, {run.command('cancel')} ends it",
        )
    return "stopped; no job is running", f"{apply} goes on where this ended"
