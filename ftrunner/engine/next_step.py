"""What leads on from a record, as the hint of a command that cannot go on from there itself."""

from __future__ import annotations

from collections.abc import Callable

from ftrunner.providers.profile import JobState
from ftrunner.state.lock import Record


def next_step_hint(record: Record, command: Callable[..., str]) -> str:
    """How the spec comes to a model that has passed its tests, where `apply` alone does not lead.

    `command` spells a command for the spec, as `Run.command` does.
    """
    if _has_no_model(record):
        again = command("apply", "--retry")
        return f"change the data or the settings, or train the same again: {again}"
    if _has_failed_tests(record):
        return (
            "the model failed its tests: correct the tests or the data, then run "
            f"{command('apply')}; {command('test')} asks the model again"
        )
    return f"run {command('apply')}"


def _has_no_model(record: Record) -> bool:
    """Whether the recorded job failed or was cancelled."""
    job = record.job
    return job is not None and job.state.is_final and job.state is not JobState.SUCCEEDED


def _has_failed_tests(record: Record) -> bool:
    """Whether the recorded job's model failed the tests it was asked last."""
    job, tests = record.job, record.tests
    return not (job is None or tests is None or tests.passed) and tests.model == job.answers_as
