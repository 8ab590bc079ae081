"""What a fine-tuning job is to be, and how a profile writes that down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ftrunner.providers.profile import Placement, Profile

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
    optional = {
        "validation_file": request.validation_file,
        "suffix": request.suffix,
        "seed": request.seed,
        "metadata": None if profile.lacks("metadata") else dict(request.metadata) or None,
        "integrations": [dict(integration) for integration in request.integrations] or None,
    }
    return {
        "model": request.model,
        "training_file": request.training_file,
        **{name: value for name, value in optional.items() if value is not None},
        **_training(request, profile.placement),
        **request.extra_body,
    }


def _training(request: JobRequest, placement: Placement) -> dict[str, Any]:
    """Method and hyperparameters. Only supervised training exists in the top-level form."""
    hyperparameters = dict(request.hyperparameters)
    is_plain = request.method == SUPERVISED and request.grader is None
    if is_plain and (placement is Placement.TOP_LEVEL or not hyperparameters):
        return {"hyperparameters": hyperparameters} if hyperparameters else {}
    settings: dict[str, Any] = {"hyperparameters": hyperparameters} if hyperparameters else {}
    if request.grader is not None:
        settings["grader"] = dict(request.grader)
    name = str(request.method)
    return {"method": {"type": name, name: settings} if settings else {"type": name}}
