"""One spec at another provider: what carries over, what is translated, lost or refused.

A pure function of the spec and two profiles. Nothing is dropped in silence: a loss is a finding
unless the spec's `allow_loss` names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftrunner.findings import Finding
from ftrunner.providers.hyperparameter_translation import Change, Outcome, translate
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec, point

_HYPERPARAMETERS = "hyperparameters"
# Written for one provider: they may hold what only it understands, or a key of it.
_LOCAL = ("extra_headers", "extra_body")
_MERGED = (_HYPERPARAMETERS, "metadata", "deployment")
# Settings that are sent where the provider has a place for them, and what losing each means.
_OPTIONAL = {
    "seed": "two runs with the same inputs may differ more",
    "metadata": "the job does not carry it",
    "integrations": "nothing is reported there",
}
_EMPTY: Mapping[str, Any] = {
    "seed": None,
    "suffix": None,
    "metadata": {},
    "integrations": (),
    "extra_headers": {},
    "extra_body": {},
}


@dataclass(frozen=True, slots=True)
class Move:
    """The spec as it is at the target, and how it came to that; `changes` show no secret."""

    spec: Spec
    changes: tuple[Change, ...]
    target: Profile


def move(spec: Spec, source: Profile, target: Profile) -> Move:
    """`spec`, written for `source`, at `target`. Its findings report losses and refusals."""
    own = spec.providers.get(target.name, {})
    changes = (
        *_addresses(spec, own, source, target),
        *_method(spec, target),
        *_plain(spec, own, source, target),
        *translate(
            spec.hyperparameters,
            own.get(_HYPERPARAMETERS, {}),
            method=str(spec.method),
            source=source,
            target=target,
        ),
    )
    moved = replace(_applied(spec, own, changes), missing=_missing(spec, own, source, target))
    findings = [finding for change in changes for finding in _findings(spec, change, target)]
    shown = tuple(_without_secrets(spec, change) for change in changes)
    return Move(replace(moved, findings=(*spec.findings, *findings)), shown, target)


def _addresses(
    spec: Spec, own: Mapping[str, Any], source: Profile, target: Profile
) -> Iterator[Change]:
    """Where the API is and which variable holds its key: never one provider's at another."""
    theirs = {"base_url": target.base_url, "api_key_env": target.api_key_env}
    for name, profile_s in theirs.items():
        before, said = getattr(spec, name), own.get(name)
        if said is not None:
            yield Change(name, Outcome.TRANSLATED, before, said, f"said by providers.{target.name}")
        elif before is not None and source.name != target.name:
            yield Change(name, Outcome.TRANSLATED, before, profile_s, f"{target.title}'s own")


def _missing(
    spec: Spec, own: Mapping[str, Any], source: Profile, target: Profile
) -> tuple[str, ...]:
    """What the server lacks: said of the spec's own server, it holds at no other."""
    at_home = spec.missing if source.name == target.name else ()
    return tuple(dict.fromkeys((*at_home, *own.get("missing", ()))))


def _method(spec: Spec, target: Profile) -> Iterator[Change]:
    method = str(spec.method)
    if method not in target.methods:
        rule = f"{target.title} offers {', '.join(target.methods)}"
        yield Change("method", Outcome.REFUSED, method, None, rule)
    else:
        yield Change("method", Outcome.CARRIED, method, method)


def _plain(
    spec: Spec, own: Mapping[str, Any], source: Profile, target: Profile
) -> Iterator[Change]:
    for name in ("model", "suffix", *_OPTIONAL, *_LOCAL, "deployment", "model_name"):
        before, said = getattr(spec, name), own.get(name)
        if name in _MERGED and said is not None:
            said = {**before, **said}
        value = before if said is None else said
        if not value and value != 0:
            continue
        trouble = _trouble(name, value, target, is_own=said is not None, is_home=source == target)
        if trouble:
            yield Change(name, trouble[0], before, None, trouble[1])
        elif said is not None and said != before:
            yield Change(name, Outcome.TRANSLATED, before, said, f"said by providers.{target.name}")
        else:
            yield Change(name, Outcome.CARRIED, before, before)


def _trouble(
    name: str, value: Any, target: Profile, *, is_own: bool, is_home: bool
) -> tuple[Outcome, str] | None:
    """Why `value` cannot be sent to `target`, if it cannot."""
    if name == "model":
        return _foreign_model(value, target)
    if name == "suffix":
        return _bad_suffix(value, target)
    if name in _OPTIONAL and not target.request.takes(name):
        return Outcome.LOST, f"{target.title} takes no {name}: {_OPTIONAL[name]}"
    if name in _LOCAL and not (is_own or is_home):
        return Outcome.LOST, f"written for another provider; say it under providers.{target.name}"
    return None


def _foreign_model(model: str, target: Profile) -> tuple[Outcome, str] | None:
    names = target.models
    if names.pattern is None or re.fullmatch(names.pattern, model):
        return None
    return Outcome.REFUSED, f"base models there are called like {names.example}"


def _bad_suffix(suffix: str, target: Profile) -> tuple[Outcome, str] | None:
    why = target.suffix.why_not(suffix)
    if why and not target.suffix.supported:
        return Outcome.LOST, f"{target.title} {why}: the model is named without it"
    return (Outcome.REFUSED, f"{target.title} {why}") if why else None


def _applied(spec: Spec, own: Mapping[str, Any], changes: tuple[Change, ...]) -> Spec:
    """The spec with every change carried out; what is refused stays, for its finding."""
    values: dict[str, Any] = {}
    hyperparameters: dict[str, Any] = {}
    for change in changes:
        if change.field.startswith(f"{_HYPERPARAMETERS}."):
            if change.after is not None:
                name, value = change.after
                hyperparameters[name] = value
        elif change.outcome is Outcome.LOST:
            values[change.field] = _EMPTY[change.field]
        elif change.outcome is not Outcome.REFUSED:
            values[change.field] = change.after
        elif change.field in own:
            values[change.field] = own[change.field]
    values.pop("method", None)
    return replace(spec, hyperparameters=hyperparameters, **values)


def _findings(spec: Spec, change: Change, target: Profile) -> Iterator[Finding]:
    """A loss that the spec does not allow, and a model of another provider. Method and suffix
    have their findings where the profile's limits are checked.
    """
    path = tuple(change.field.split("."))
    if change.outcome is Outcome.LOST and not _is_allowed(change.field, spec.allow_loss):
        yield point(
            spec,
            path,
            code="FT371",
            message=f"{change.field} would be lost: {change.rule}",
            hint=f"say what to do instead under providers.{target.name}, "
            f"or accept it: `allow_loss: [{change.field}]`",
            at="key",
        )
    elif change.outcome is Outcome.REFUSED and change.field == "model":
        yield point(
            spec,
            path,
            code="FT372",
            message=f"{target.title} has no model {_without_secrets(spec, change).before!r}: "
            f"{change.rule}",
            hint=f"name one: `providers: {{{target.name}: {{model: {target.models.example}}}}}`",
        )
    elif change.outcome is Outcome.REFUSED and path[0] == _HYPERPARAMETERS:
        yield point(
            spec,
            path,
            code="FT177",
            message=f"{change.rule}",
            hint="write the value that you mean under its name at "
            f"{target.title}: `ftrunner providers show {target.name}` lists the names",
        )


def _without_secrets(spec: Spec, change: Change) -> Change:
    """`change` with a reference in place of what came from the environment."""
    path = tuple(change.field.split("."))
    if spec.source is None or not spec.source.hides(path):
        return change
    return replace(change, before=spec.source.shown(path, "hidden"), after=None)


def _is_allowed(field: str, allowed: tuple[str, ...]) -> bool:
    return field in allowed or field.partition(".")[0] in allowed
