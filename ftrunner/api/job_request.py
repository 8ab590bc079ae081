"""What a fine-tuning job is to be, and how a profile writes that down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ftrunner.providers.profile import Profile
from ftrunner.providers.wire_mapping import JobRequestForm, Placement, put_at

SUPERVISED = "supervised"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A job in no provider's form. `training_file` and `validation_file` are file ids."""

    model: str
    training_file: str
    validation_file: str | None = None
    method: str = SUPERVISED
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    grader: Mapping[str, Any] | None = None
    suffix: str | None = None
    seed: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    integrations: tuple[Mapping[str, Any], ...] = ()
    extra_body: Mapping[str, Any] = field(default_factory=dict)


def job_body(request: JobRequest, profile: Profile) -> dict[str, Any]:
    """The body of the request that creates the job.

    What is not asked for is left out, so that older servers, which refuse unknown keys, are asked
    only for what they must do. `extra_body` goes in last and wins.
    """
    asked = {
        "model": request.model,
        "training_file": request.training_file,
        "validation_file": request.validation_file,
        "suffix": request.suffix,
        "seed": request.seed,
        "metadata": None if profile.lacks("metadata") else dict(request.metadata) or None,
        "integrations": [dict(integration) for integration in request.integrations] or None,
        **_training(request, profile.request),
    }
    body: dict[str, Any] = {}
    for place, value in profile.request.constants.get(str(request.method), {}).items():
        put_at(body, place, value)
    for name, value in asked.items():
        path = profile.request.fields.get(name, name)
        if value is not None and path is not None:
            put_at(body, path, value)
    return {**body, **request.extra_body}


def _training(request: JobRequest, form: JobRequestForm) -> dict[str, Any]:
    """Method and hyperparameters. Only supervised training exists in the top-level form."""
    hyperparameters = dict(request.hyperparameters)
    word = form.methods.get(str(request.method), str(request.method))
    if form.placement is Placement.BODY:
        return {**hyperparameters, "method": word}
    is_plain = request.method == SUPERVISED and request.grader is None
    on_top = form.placement in (Placement.TOP_LEVEL, Placement.METHOD_FLAT)
    if is_plain and (on_top or not hyperparameters):
        return {"hyperparameters": hyperparameters} if hyperparameters else {}
    settings: dict[str, Any] = {"hyperparameters": hyperparameters} if hyperparameters else {}
    if request.grader is not None:
        settings["grader"] = dict(request.grader)
    if form.placement is Placement.METHOD_FLAT:
        return {"method": {"type": word, **settings}}
    return {"method": {"type": word, word: settings} if settings else {"type": word}}
