"""What ftrunner asks a provider before a job is paid for, besides whether the job exists.

It asks before it lists jobs, so that listing and creating stay close together, and only if a job
would be created. Findings are reported; only what the provider states for certain stops a run.
"""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.engine.checks.announced import PreflightIssue, about_training, as_finding
from ftrunner.engine.checks.deprecation import about_model, look_up, today
from ftrunner.engine.context import Run
from ftrunner.errors import InvalidInput
from ftrunner.events import FindingsReported, ModelNotDescribed
from ftrunner.findings import Finding, has_errors


def preflight(run: Run) -> tuple[Finding, ...]:
    """What speaks against a new job.

    Raises AuthenticationFailed for a key that is not accepted, MissingToken if a deployment will
    need a token that is not set, and InvalidInput for a model to compare with whose address or key
    is missing: better now than after training was paid for.
    """
    if run.target.profile.serving.resources and run.spec.model_name is None:
        run.client.resources.check_token()
    _reach_opponents(run)
    found = (*_training(run), *_model(run))
    return tuple(as_finding(run.spec, issue) for issue in found)


def report_or_raise(run: Run, findings: tuple[Finding, ...]) -> None:
    """Report `findings`. Raises InvalidInput with them if one is an error."""
    if has_errors(findings):
        raise InvalidInput(findings)
    if findings:
        run.emit(FindingsReported(findings))


def _reach_opponents(run: Run) -> None:
    """Find what asking a model elsewhere needs; nothing is sent."""
    for opponent in run.spec.tests.against:
        if opponent.is_elsewhere and not run.target.is_rehearsal:
            with run.elsewhere(opponent) as there:
                _ = there.client


def _training(run: Run) -> Iterator[PreflightIssue]:
    yield from about_training(run.target.profile, today=today(run))


def _model(run: Run) -> Iterator[PreflightIssue]:
    model = run.spec.model
    found = look_up(run, model)
    if found.record is None and not found.is_absent:
        run.emit(ModelNotDescribed(model))
    yield from about_model(model, found, today=today(run))
