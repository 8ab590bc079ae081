"""Stopped by ^C or SIGTERM: what goes on without us, and how to come back to it."""

from __future__ import annotations

from ftrunner.api.errors import ApiError
from ftrunner.engine.context import Run
from ftrunner.engine.operations.cancel import cancel
from ftrunner.errors import ExitCode, Interrupted, StateError, Terminated
from ftrunner.state.lock import JobRecord


def interrupted(
    run: Run, interrupt: BaseException, fingerprint: str, *, cancel_job: bool
) -> Interrupted:
    """The error that ends the run; with `cancel_job`, a running job is cancelled first.

    Only a job of the inputs of this `fingerprint` counts: the record may still hold a former one.
    """
    job = _running(run, fingerprint)
    message, hint = _end(run, job) if job and cancel_job else _tell(run, job)
    return Interrupted(message, exit_code=exit_code(interrupt), hint=hint)


def exit_code(interrupt: BaseException) -> ExitCode:
    """What a process ends with that `interrupt` has stopped."""
    if isinstance(interrupt, BrokenPipeError):
        return ExitCode.READER_LEFT
    return ExitCode.TERMINATED if isinstance(interrupt, Terminated) else ExitCode.INTERRUPTED


def _running(run: Run, fingerprint: str) -> JobRecord | None:
    """The job that is being followed; none while it is not certain that it exists."""
    record = run.journal.record
    job = record.job
    is_ours = job is not None and job.fingerprint == fingerprint and record.job_intent is None
    return job if job is not None and is_ours and not job.state.is_final else None


def _end(run: Run, job: JobRecord) -> tuple[str, str]:
    try:
        return f"cancelled {cancel(run)}", f"{run.command('apply', '--retry')} trains again"
    except StateError:
        return f"stopped; {job.id} had ended", f"{run.command('apply')} goes on with it"
    except ApiError as error:
        _, hint = _tell(run, job)
        return f"interrupted; the job could not be cancelled: {error.message}", hint
    except KeyboardInterrupt:  # once more, or where nobody may sleep until the next try
        return f"stopped; {job.id} may not be cancelled", f"{run.command('cancel')} makes sure"


def _tell(run: Run, job: JobRecord | None) -> tuple[str, str]:
    record, apply = run.journal.record, run.command("apply")
    if run.target.scenario is not None:
        return "stopped", f"{apply} starts anew, as every rehearsal of a scenario"
    if record.job_intent:
        return (
            "stopped while a job was being created; it may exist",
            f"{apply} finds out before it creates anything",
        )
    if job:
        return (
            f"stopped watching; {job.id} goes on at the provider",
            f"{apply} picks it up again, {run.command('cancel')} ends it",
        )
    return "stopped; no job is running", f"{apply} goes on where this ended"
