"""What stands against a base model and against training itself: gone, stopping, not offered.

Decisions on what a provider has told, shared by the check before a job and by `drift`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ftrunner.api.errors import ApiError, AuthenticationFailed, NotFound
from ftrunner.api.wire import Model
from ftrunner.engine.context import Run
from ftrunner.findings import Severity
from ftrunner.providers.profile import Profile

SOON = 90  # days
_NOT_OFFERED = "FT310"
_NO_MODEL = re.compile("(model_?not_?found|resource_?not_?found)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PreflightIssue:
    """One sentence on what stands against training, with its code and how grave it is."""

    code: str
    message: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class ModelLookup:
    """What a provider told of a base model: its record, that there is none, or nothing."""

    record: Model | None = None
    is_absent: bool = False


def ask(run: Run, model: str) -> ModelLookup:
    """Ask after a base model. Whoever does not answer tells nothing: a job may work all the same.
    Raises AuthenticationFailed.

    That there is no record counts only where the profile says that every base model has one.
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
    """Whether the object is missing, and not only a way to ask after it."""
    return error.status in (404, 410)


def is_surely_gone(error: NotFound, thing: str) -> bool:
    """The same, where money follows from it: only if the API itself says so of `thing`.

    Of a route that a server does not have there are bare words, or the path that was asked for.
    """
    named = thing in error.message and f"/{thing}" not in error.message
    coded = _NO_MODEL.fullmatch(error.provider_code or "") is not None
    return error.status == 410 or (is_gone(error) and (named or coded or error.param == "model"))


def about_model(model: str, told: ModelLookup, *, today: date) -> Iterator[PreflightIssue]:
    """What stands against training `model`."""
    if told.is_absent:
        yield PreflightIssue("FT380", f"{model} is not at the provider", Severity.ERROR)
    if told.record is None:
        return
    if told.record.tunable is False:
        yield PreflightIssue("FT381", f"the provider says of {model} that it cannot be tuned")
    if ended := ends_soon(model, told.record.tuning_ends, today=today):
        yield PreflightIssue("FT381", ended)
    if stops := stops_soon(model, told.record.shutdown_date, today=today):
        yield PreflightIssue("FT382", stops)


def about_training(profile: Profile, *, today: date) -> Iterator[PreflightIssue]:
    """What the profile knows of training having ended for everybody."""
    for end in profile.training_ends:
        day = _day(end.day)
        if end.who is None and day is not None and day <= today:
            yield PreflightIssue("FT383", f"{profile.title} takes no new jobs since {day}")


def about_route(error: ApiError) -> PreflightIssue | None:
    """What the refusal of a job list tells of training itself; None where that is nothing."""
    if error.code == _NOT_OFFERED:
        return PreflightIssue("FT383", error.message)
    if isinstance(error, NotFound) and error.status is not None:
        return PreflightIssue("FT384", f"the server may not offer fine-tuning: {error.message}")
    return None


def stops_soon(model: str, shutdown_date: str | None, *, today: date) -> str | None:
    """The sentence on a model that stops within `SOON` days, or has stopped."""
    day = _day(shutdown_date)
    left = None if day is None else (day - today).days
    if left is None or left > SOON:
        return None
    if left < 0:
        return f"{model} stopped on {day}, and what was tuned from it with it"
    return f"{model} stops on {day}, in {left} days, and what is tuned from it with it"


def ends_soon(model: str, tuning_ends: str | None, *, today: date) -> str | None:
    """The sentence on a model whose training ends within `SOON` days, or has ended."""
    day = _day(tuning_ends)
    left = None if day is None else (day - today).days
    if left is None or left > SOON:
        return None
    return f"training of {model} {'ended' if left < 0 else 'ends'} on {day}"


def today(run: Run) -> date:
    return datetime.fromtimestamp(run.clock.now(), UTC).date()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
