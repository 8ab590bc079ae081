"""Stopped by ^C or SIGTERM: what keeps running, and how to continue."""

from __future__ import annotations

from ftrunner.api.errors import ApiError
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.cancel import cancel
from ftrunner.errors import ExitCode, Interrupted, StateError, Terminated
from ftrunner.state.lock import JobRecord


def interrupted(
    run: Run, interrupt: BaseException, fingerprint: str, *, cancel_job: bool
) -> Interrupted:
    """The error that ends the run; with `cancel_job`, a running job is cancelled first.

    Only a job with this `fingerprint` counts; the record may still hold a job of former inputs.
    """
    job = _running(run, fingerprint)
    message, hint = _cancelled(run, job) if job and cancel_job else _left(run, job)
    return Interrupted(message, exit_code=exit_code(interrupt), hint=hint)


def exit_code(interrupt: BaseException) -> ExitCode:
    """The exit code of a process that `interrupt` stopped."""
    if isinstance(interrupt, BrokenPipeError):
        return ExitCode.READER_LEFT
    return ExitCode.TERMINATED if isinstance(interrupt, Terminated) else ExitCode.INTERRUPTED


def _running(run: Run, fingerprint: str) -> JobRecord | None:
    """The job that is being followed; None while its creation is unconfirmed."""
    record = run.journal.record
    job = record.job
    is_wanted = job is not None and job.fingerprint == fingerprint and record.job_intent is None
    return job if job is not None and is_wanted and not job.state.is_final else None


def _cancelled(run: Run, job: JobRecord) -> tuple[str, str]:
    try:
        return f"cancelled {cancel(run)}", f"{run.command('apply', '--retry')} trains again"
    except StateError:
        return f"stopped; {job.id} had ended", f"{run.command('apply')} continues with it"
    except ApiError as error:
        _, hint = _left(run, job)
        return f"interrupted; the job could not be cancelled: {error.message}", hint
    except KeyboardInterrupt:  # a second ^C, or no time to try again
        return f"stopped; {job.id} may still be running", f"{run.command('cancel')} cancels it"


def _left(run: Run, job: JobRecord | None) -> tuple[str, str]:
    record, apply = run.journal.record, run.command("apply")
    if run.target.scenario is not None:
        return "stopped", f"{apply} starts over, as scenario rehearsals always do"
    if record.job_intent:
        return (
            "stopped while a job was being created; it may exist",
            f"{apply} checks that before it creates anything",
        )
    if job:
        return (
            f"stopped watching; {job.id} keeps running at the provider",
            f"{apply} continues watching, {run.command('cancel')} cancels it",
        )
    return "stopped; no job is running", f"{apply} continues from here"
