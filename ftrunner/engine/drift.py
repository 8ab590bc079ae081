"""What is no longer at the provider as the lock file says, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.api.errors import NotFound
from ftrunner.engine.context import Run
from ftrunner.engine.lifetime import fate
from ftrunner.engine.steps.serve import values_of

_NO_ROUTE = (403, 404, 405, 501)


def drift(run: Run) -> tuple[str, ...]:
    """One sentence for each difference. Raises any other ApiError."""
    return (*_models(run), *_resources(run), *_files(run), *_training(run))


def _models(run: Run) -> Iterator[str]:
    job = run.journal.record.job
    names = [run.spec.model, *([job.model] if job and job.model else [])]
    for name in names:
        if found := fate(run, name):
            yield found


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
            if error.status in (404, 410):
                yield f"the {split} file {file.id} is gone"


def _training(run: Run) -> Iterator[str]:
    """Listing asks for nothing that costs, and tells whether there is such a route."""
    if run.target.profile.lacks("job_listing"):
        return
    try:
        next(run.client.list_jobs(), None)
    except NotFound as error:
        if error.status in _NO_ROUTE:
            yield f"training is not offered: {error.message}"
