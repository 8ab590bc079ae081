"""What is missing at the provider although the lock file records it, or ends there soon."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ftrunner.api.errors import ApiError, NotFound
from ftrunner.engine.checks.announced import SOON, stops_soon, training_outlook
from ftrunner.engine.checks.preflight import (
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
    """Differences, one sentence each; those in `acknowledged` were found and accepted before.

    `notes` are ends within 90 days, for a look without a horizon: nothing has changed yet.
    """

    found: tuple[str, ...]
    acknowledged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


# Sentences about what ends within so many days, or has ended.
Ends = Callable[[int], Iterable[str]]


def drift(run: Run, within: int | None = None) -> Drift:
    """The differences, without a change. Raises any other ApiError.

    An announced end counts if it is within so many days; without a horizon, once it has come.
    """
    ends = (_base_model(run), _tuned_model(run), _training(run))
    counted = (*_ending(ends, within or 0), *_resources(run), *_files(run), *_route(run))
    announced = _ending(ends, SOON) if within is None else ()
    known = set(run.journal.record.acknowledged)
    return Drift(
        tuple(each for each in counted if undated(each) not in known),
        tuple(each for each in dict.fromkeys((*counted, *announced)) if undated(each) in known),
        tuple(each for each in announced if each not in counted and undated(each) not in known),
    )


def _ending(ends: Iterable[Ends], within: int) -> tuple[str, ...]:
    return tuple(sentence for about in ends for sentence in about(within))


def acknowledge(run: Run, seen: Drift) -> None:
    """Record all that was found as known; what is no longer found is forgotten."""
    run.journal.drift_acknowledged(tuple(map(undated, (*seen.acknowledged, *seen.found))))


def undated(sentence: str) -> str:
    """`sentence` without the number of days that are left, which is another one each day."""
    return _DAYS.sub("", sentence)


def _base_model(run: Run) -> Ends:
    model, day = run.spec.model, today(run)
    found = look_up(run, model)
    return lambda within: (
        issue.message for issue in about_model(model, found, today=day, within=within)
    )


def _tuned_model(run: Run) -> Ends:
    """The tuned model, gone or about to stop. Providers without a model endpoint are skipped."""
    job, day = run.journal.record.job, today(run)
    model = job.model if job else None
    if model is None:
        return lambda _: ()
    try:
        end = run.client.retrieve_model(model).shutdown_date
    except NotFound as error:
        gone = (f"{model} is not at the provider",) if is_surely_gone(error, model) else ()
        return lambda _: gone
    return lambda within: filter(None, [stops_soon(model, end, today=day, within=within)])


def _training(run: Run) -> Ends:
    profile, day = run.target.profile, today(run)
    return lambda within: (
        issue.message
        for issue in training_outlook(profile, today=day, within=within)
        if issue.severity is Severity.WARNING
    )


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


def _route(run: Run) -> Iterator[str]:
    """Whether training is still offered. Listing jobs costs nothing and shows whether it is."""
    if run.target.profile.lacks("job_listing"):
        return
    try:
        next(run.client.list_jobs(), None)
    except ApiError as error:
        issue = about_route(error)
        if issue is None:
            raise
        yield issue.message
