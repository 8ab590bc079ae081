"""What ftrunner asks a provider before a job is paid for, besides whether the job exists.

It asks before it lists jobs, so that listing and creating stay close together, and only if a job
would be created. Findings are reported; only what the provider states for certain stops a run.
What a provider's answers mean is decided from values: `drift` uses that, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ftrunner.api.errors import ApiError, AuthenticationFailed, NotFound
from ftrunner.api.wire import Model
from ftrunner.engine.checks.announced import (
    SOON,
    PreflightIssue,
    about_training,
    as_finding,
    ends_soon,
    stops_soon,
)
from ftrunner.engine.context import Run
from ftrunner.errors import InvalidInput
from ftrunner.events import FindingsReported, ModelNotDescribed
from ftrunner.findings import Finding, Severity, has_errors

_NOT_OFFERED = "FT310"
_NO_MODEL = re.compile("(model_?not_?found|resource_?not_?found)", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class ModelLookup:
    """A base model as the provider describes it, or absent; neither if the provider did not say."""

    record: Model | None = None
    is_absent: bool = False


def look_up(run: Run, model: str) -> ModelLookup:
    """Look up a base model. Errors are ignored, since training may still work.

    A 404 counts only if the profile says that the provider lists every base model. Raises
    AuthenticationFailed.
    """
    try:
        return ModelLookup(run.client.retrieve_base_model(model))
    except NotFound as error:
        if run.target.profile.models.listed and is_surely_gone(error, model):
            return ModelLookup(is_absent=True)
    except AuthenticationFailed:
        raise
    except ApiError:
        pass
    return ModelLookup()


def is_gone(error: NotFound) -> bool:
    """Whether the object is missing, rather than the endpoint."""
    return error.status in (404, 410)


def is_surely_gone(error: NotFound, thing: str) -> bool:
    """The same when money depends on it: only if the API itself says so about `thing`.

    A 404 for an unknown route has a generic message or repeats the path.
    """
    named = thing in error.message and f"/{thing}" not in error.message
    coded = _NO_MODEL.fullmatch(error.provider_code or "") is not None
    return error.status == 410 or (is_gone(error) and (named or coded or error.param == "model"))


def about_model(
    model: str, found: ModelLookup, *, today: date, within: int = SOON
) -> Iterator[PreflightIssue]:
    """The reasons not to train `model`; its end counts if it is within so many days."""
    if found.is_absent:
        yield PreflightIssue("FT380", f"{model} is not at the provider", Severity.ERROR)
    if found.record is None:
        return
    if found.record.tunable is False:
        yield PreflightIssue("FT381", f"the provider says that {model} cannot be fine-tuned")
    if ended := ends_soon(model, found.record.tuning_ends, today=today, within=within):
        yield PreflightIssue("FT381", ended)
    if stops := stops_soon(model, found.record.shutdown_date, today=today, within=within):
        yield PreflightIssue("FT382", stops)


def about_route(error: ApiError) -> PreflightIssue | None:
    """What an error of the job list says about training itself, if anything."""
    if error.code == _NOT_OFFERED:
        return PreflightIssue("FT383", error.message)
    if isinstance(error, NotFound) and error.status is not None:
        return PreflightIssue("FT384", f"the server may not offer fine-tuning: {error.message}")
    return None


def today(run: Run) -> date:
    return datetime.fromtimestamp(run.clock.now(), UTC).date()
