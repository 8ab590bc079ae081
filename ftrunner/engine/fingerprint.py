"""Which job a spec asks for: everything that decides what is trained, and nothing else.

Of the data it has the rows, however they are written, not the bytes. Not in it: the endpoint,
names, paths, metadata, tests, budget and wait. The form is tagged (`v1:`), so that a future change
to it is seen instead of paid for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ftrunner.canonical import content_hash
from ftrunner.dataset.report import DatasetReport
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec

_TAG = "v1"
# May hold values from the environment, so the lock keeps their hash instead.
_OPAQUE = ("grader", "integrations", "extra_body")


def inputs(spec: Spec, report: DatasetReport, profile: Profile) -> dict[str, Any]:
    """What goes into the fingerprint, in a form that is safe to keep in the lock file."""
    opaque = {key: content_hash(value) for key in _OPAQUE if (value := getattr(spec, key))}
    return {
        "model": spec.model,
        "method": str(spec.method),
        "hyperparameters": _asked_for(spec, profile),
        "seed": spec.seed,
        "suffix": spec.suffix,
        "train": report.train.stream.rows if report.train else None,
        "validation": report.validation.stream.rows if report.validation else None,
        **opaque,
    }


def _asked_for(spec: Spec, profile: Profile) -> dict[str, Any]:
    """The hyperparameters without those that are `auto` where the provider's default is `auto`:
    to write such a default out, or to remove it, changes nothing.
    """
    defaults = profile.defaults(str(spec.method))
    return {
        name: value
        for name, value in spec.hyperparameters.items()
        if not value == defaults.get(name) == "auto"
    }


def fingerprint(job_inputs: Mapping[str, Any]) -> str:
    """The tagged hash of `inputs`: equal for two specs exactly when they train the same."""
    return f"{_TAG}:{content_hash(job_inputs)}"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """What changed between two `inputs`, as people say it: `hyperparameters.n_epochs 3 → 10`."""
    return tuple(_differences(old, new, prefix=""))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _differences(before, after, f"{prefix}{key}.")
        else:
            yield _difference(f"{prefix}{key}", before, after)


def _difference(name: str, before: Any, after: Any) -> str:
    if name in ("train", "validation"):
        if before is None or after is None:
            return f"{name} data {'added' if before is None else 'removed'}"
        return f"{name} data changed"
    if name in _OPAQUE:
        return f"{name} changed"
    return f"{name} {_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    return "unset" if value is None else str(value)
