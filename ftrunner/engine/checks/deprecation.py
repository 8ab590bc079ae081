"""Reasons not to train: a base model that is gone or will shut down, training no longer offered.

Pure decisions on the provider's answers, shared by the check before a job and by `drift`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ftrunner.api.errors import ApiError, AuthenticationFailed, NotFound
from ftrunner.api.wire import Model
from ftrunner.engine.checks.announced import SOON, PreflightIssue, ends_soon, stops_soon
from ftrunner.engine.context import Run
from ftrunner.findings import Severity

_NOT_OFFERED = "FT310"
_NO_MODEL = re.compile("(model_?not_?found|resource_?not_?found)", re.IGNORECASE)


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
