"""What is asked of a provider before a job is paid for, beyond whether the job is there already.

It is asked before jobs are listed, so that listing and creating stay close together, and only
where a job would be created. What it finds is told; only what the provider is sure of stops a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ftrunner.engine.checks.deprecation import (
    PreflightIssue,
    about_model,
    about_training,
    ask,
    today,
)
from ftrunner.engine.context import Run
from ftrunner.errors import InvalidInput
from ftrunner.events import FindingsReported, ModelNotDescribed
from ftrunner.findings import Finding, has_errors
from ftrunner.spec.model import Spec, point

_PLACES = {"FT380": "model", "FT381": "model", "FT382": "model"}
_HINTS = {
    "FT380": "`ftrunner plan SPEC --provider NAME` tells of other homes; a name may be misspelt, "
    "or not for this key; of a gateway that lists few models, `provider: generic` does not insist",
    "FT381": "a job of it may be refused",
    "FT382": "a tuned model lives as long as its base model",
    "FT383": "`ftrunner plan SPEC --provider NAME` tells what carries over to another provider",
}


def preflight(run: Run) -> tuple[Finding, ...]:
    """What stands against a new job.

    Raises AuthenticationFailed for a key that is not accepted, and MissingToken where the token
    that a deployment takes is not there: it would be missed after training was paid for.
    """
    if run.target.profile.serving.resources and run.spec.model_name is None:
        run.client.resources.check_token()
    found = (*_training(run), *_model(run))
    return tuple(_finding(run.spec, concern) for concern in found)


def report_or_raise(run: Run, findings: tuple[Finding, ...]) -> None:
    """Tell of `findings`. Raises InvalidInput with them where one of them is an error."""
    if has_errors(findings):
        raise InvalidInput(findings)
    if findings:
        run.emit(FindingsReported(findings))


def _training(run: Run) -> Iterator[PreflightIssue]:
    yield from about_training(run.target.profile, today=today(run))


def _model(run: Run) -> Iterator[PreflightIssue]:
    model = run.spec.model
    told = ask(run, model)
    if told.record is None and not told.is_absent:
        run.emit(ModelNotDescribed(model))
    yield from about_model(model, told, today=today(run))


def _finding(spec: Spec, concern: PreflightIssue) -> Finding:
    place = _PLACES.get(concern.code, "provider")
    return replace(
        point(
            spec, (place,), code=concern.code, message=concern.message, hint=_HINTS[concern.code]
        ),
        severity=concern.severity,
    )
