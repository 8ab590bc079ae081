"""What is missing at the provider although the lock file records it; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.api.errors import ApiError, NotFound
from ftrunner.engine.checks.announced import about_training, stops_soon
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


def drift(run: Run) -> tuple[str, ...]:
    """One sentence for each difference. Raises any other ApiError."""
    return (*_base_model(run), *_model(run), *_resources(run), *_files(run), *_training(run))


def _base_model(run: Run) -> Iterator[str]:
    model = run.spec.model
    for issue in about_model(model, look_up(run, model), today=today(run)):
        yield issue.message


def _model(run: Run) -> Iterator[str]:
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
        if sentence := stops_soon(job.model, found.shutdown_date, today=today(run)):
            yield sentence


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
