"""What is missing at the provider although the lock file records it, or ends there soon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ftrunner.api.errors import ApiError, NotFound
from ftrunner.engine.checks.announced import (
    SOON,
    about_training,
    stops_soon,
    training_outlook,
)
from ftrunner.engine.checks.deprecation import (
    about_model,
    about_route,
    is_gone,
    is_surely_gone,
    look_up,
    today,
)
from ftrunner.engine.context import Run
from ftrunner.engine.steps.deploy import values_of
from ftrunner.findings import Severity

_DAYS = re.compile(r" \(\d+ days\)")


@dataclass(frozen=True, slots=True)
class Drift:
    """Differences, one sentence each; those in `acknowledged` were found and accepted before."""

    found: tuple[str, ...]
    acknowledged: tuple[str, ...] = ()


def drift(run: Run, within: int | None = None) -> Drift:
    """The differences, without a change. Raises any other ApiError.

    An end counts within so many days, 90 if none are given. The end of training is announced for
    all customers of the provider, and counts beforehand only if they are given.
    """
    days = SOON if within is None else within
    lasting = (*_base_model(run, days), *_model(run, days), *_resources(run), *_files(run))
    every = (*lasting, *_training(run), *(_end_of_training(run, days) if within else ()))
    known = set(run.journal.record.acknowledged)
    return Drift(
        tuple(each for each in every if undated(each) not in known),
        tuple(each for each in every if undated(each) in known),
    )


def acknowledge(run: Run, seen: Drift) -> None:
    """Record all that was found as known; what is no longer found is forgotten."""
    run.journal.drift_acknowledged(tuple(map(undated, (*seen.acknowledged, *seen.found))))


def undated(sentence: str) -> str:
    """`sentence` without the number of days that are left, which is another one each day."""
    return _DAYS.sub("", sentence)


def _base_model(run: Run, within: int) -> Iterator[str]:
    model = run.spec.model
    for issue in about_model(model, look_up(run, model), today=today(run), within=within):
        yield issue.message


def _end_of_training(run: Run, within: int) -> Iterator[str]:
    for issue in training_outlook(run.target.profile, today=today(run), within=within):
        if issue.severity is Severity.WARNING:
            yield issue.message


def _model(run: Run, within: int) -> Iterator[str]:
    """The tuned model, gone or about to stop. Providers without a model endpoint are skipped."""
    job = run.journal.record.job
    if job is None or job.model is None:
        return
    try:
        found = run.client.retrieve_model(job.model)
    except NotFound as error:
        if is_surely_gone(error, job.model):
            yield f"{job.model} is not at the provider"
    else:
        stops = stops_soon(job.model, found.shutdown_date, today=today(run), within=within)
        if stops:
            yield stops


def _resources(run: Run) -> Iterator[str]:
    forms = {form.noun: form for form in run.target.profile.serving.resources}
    for one in run.journal.record.resources:
        values = values_of(run, {}, job_id=one.job, model=None)
        values |= {r.noun: r.id for r in run.journal.record.resources if r.job == one.job}
        values |= {"created": one.id, "name": one.id}
        if one.noun in forms and run.client.resources.read(forms[one.noun], values) is None:
            yield f"the {one.noun} {one.id} is gone"


def _files(run: Run) -> Iterator[str]:
    for split, file in run.journal.record.files.items():
        try:
            run.client.retrieve_file(file.id)
        except NotFound as error:
            if is_gone(error):
                yield f"the {split} file {file.id} is gone"


def _training(run: Run) -> Iterator[str]:
    """Whether training is still offered. Listing jobs costs nothing and shows whether it is."""
    for ended in about_training(run.target.profile, today=today(run)):
        yield ended.message
    if run.target.profile.lacks("job_listing"):
        return
    try:
        next(run.client.list_jobs(), None)
    except ApiError as error:
        issue = about_route(error)
        if issue is None:
            raise
        yield issue.message
