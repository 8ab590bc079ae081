"""What is wrong with the templates of a profile's `serving`, before anything is filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ftrunner.providers.template import placeholders

# What every template may ask for; `job.FIELD` is whatever the provider says of the job.
_ALWAYS = frozenset({"model", "base_model", "job", "checkpoint", "name", "base_url", "origin"})
_OF_A_SETTING = frozenset({"model", "base_model", "job", "name"})
_OF_A_MODEL = frozenset({"model"})
_CREATED = "created"
_OF_ONE = ("read", "delete")  # what is done to one resource, whose address must say which

Fault = tuple[tuple[str | int, ...], str, str]


def template_faults(serving: Mapping[str, Any]) -> Iterator[Fault]:
    """Path, sentence and hint of each: a name that nothing has, an address that names none."""
    yield from _unknown(serving.get("instructions"), ("serving", "instructions"), _OF_A_MODEL)
    known = _OF_A_SETTING
    for name, setting in (serving.get("settings") or {}).items():
        yield from _unknown(setting.get("default"), ("serving", "settings", name, "default"), known)
        known |= {name}
    known |= _ALWAYS
    for number, resource in enumerate(serving.get("resources") or ()):
        path = ("serving", "resources", number)
        yield from _resource(resource, path, known)
        known |= {resource["noun"]}


def _resource(
    resource: Mapping[str, Any], path: tuple[str | int, ...], known: frozenset[str]
) -> Iterator[Fault]:
    for verb in ("create", *_OF_ONE, "listing"):
        call = resource.get(verb)
        if not call:
            continue
        here = known if verb in ("create", "listing") else known | {_CREATED}
        for part in ("url", "body"):
            yield from _unknown(call.get(part), (*path, verb, part), here)
        if verb in _OF_ONE and not placeholders(call["url"]) & {_CREATED, "name"}:
            hint = "`{created}` is the id of what was created, `{name}` the name that was given"
            yield (*path, verb, "url"), "the address does not say which one is meant", hint
    yield from _unknown(resource.get("match"), (*path, "match"), known)


def _unknown(template: Any, path: tuple[str | int, ...], known: frozenset[str]) -> Iterator[Fault]:
    names = (name for name in placeholders(template) if not name.startswith("job."))
    for name in sorted(set(names) - known):
        yield path, f"nothing is known for {{{name}}}", f"there is {', '.join(sorted(known))}"
