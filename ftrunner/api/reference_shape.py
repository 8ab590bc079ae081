"""A provider's answers, brought into the reference shape that `wire` reads.

What the profile says nothing about stays as it is; what has another shape than the profile
expects counts as absent, and `wire` says which field that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftrunner.api.fields import Document
from ftrunner.providers.profile import Profile
from ftrunner.providers.wire_mapping import AnswerForm, Placement, at_path

METRICS = "metrics"


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
    kind = METRICS if data.get("train_loss") is not None else raw.get("type")
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
