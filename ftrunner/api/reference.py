"""Between our words and a provider's: a job as its profile writes it down, and answers in the
reference shape that `wire` reads.

In an answer, what the profile says nothing about stays as it is; what has another shape than the
profile expects counts as absent, and `wire` says which field that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ftrunner.api.fields import Document
from ftrunner.providers.profile import Profile
from ftrunner.providers.wire_mapping import AnswerForm, JobRequestForm, Placement, at_path, put_at

_METRICS = "metrics"
_SUPERVISED = "supervised"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A job in no provider's form. `training_file` and `validation_file` are file ids."""

    model: str
    training_file: str
    validation_file: str | None = None
    method: str = _SUPERVISED
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
    is_plain = request.method == _SUPERVISED and request.grader is None
    on_top = form.placement in (Placement.TOP_LEVEL, Placement.METHOD_FLAT)
    if is_plain and (on_top or not hyperparameters):
        return {"hyperparameters": hyperparameters} if hyperparameters else {}
    settings: dict[str, Any] = {"hyperparameters": hyperparameters} if hyperparameters else {}
    if request.grader is not None:
        settings["grader"] = dict(request.grader)
    if form.placement is Placement.METHOD_FLAT:
        return {"method": {"type": word, **settings}}
    return {"method": {"type": word, word: settings} if settings else {"type": word}}


def job(raw: Document, profile: Profile) -> Document:
    """A job. Hyperparameters in the job itself are gathered, as is the name of its method."""
    document = shaped(raw, profile.job)
    method = document.get("method")
    if isinstance(method, str):
        ours = {word: name for name, word in profile.request.methods.items()}
        document["method"] = {"type": ours.get(method, method)}
    elif isinstance(method, Mapping) and profile.request.placement is Placement.METHOD_FLAT:
        name = str(method.get("type"))
        document["method"] = {"type": name, name: method}
    if profile.request.placement is Placement.BODY:
        document["hyperparameters"] = _gathered(raw, profile)
    return document


def event(raw: Document, profile: Profile) -> Document:
    """An event. One whose data has a loss is one of metrics, whatever its type is called."""
    if not profile.event.fields:
        return raw
    data = shaped(raw.get("data") or {}, profile.event)
    kind = _METRICS if data.get("train_loss") is not None else raw.get("type")
    return {**raw, "data": data, "type": kind}


def checkpoint(raw: Document, profile: Profile) -> Document:
    return shaped(raw, profile.checkpoint)


def shaped(raw: Any, form: AnswerForm) -> dict[str, Any]:
    """`raw` without its envelope, with every key of `form.fields` where the reference has it."""
    inner = raw.get(form.envelope) if form.envelope and isinstance(raw, Mapping) else raw
    if not isinstance(inner, Mapping):
        return {}
    found = {name: at_path(inner, path) for name, path in form.fields.items()}
    return {**inner, **found}


def _gathered(raw: Document, profile: Profile) -> dict[str, Any]:
    names = {name for known in profile.hyperparameters.values() for name in known}
    paths = {name: profile.request.fields.get(name) or name for name in names}
    found = {name: at_path(raw, path) for name, path in paths.items()}
    return {name: value for name, value in found.items() if value is not None}
