"""The spec as the rest of the runner sees it: frozen, typed, complete.

Field meanings, ranges and defaults are in `schemas/spec.schema.json`; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

from ftrunner.document.source import KeyPath, Source
from ftrunner.findings import Finding, Location, json_path
from ftrunner.spec.testing import JsonObject, Tests

Hyperparameter = int | float | str | bool
Hyperparameters = Mapping[str, Hyperparameter]

# What the environment gives for these may be a key. All others say what is trained and where: they
# are in the lock file, and in the names that providers give.
_MAY_HOLD_KEYS = ("extra_headers", "extra_body", "integrations", "grader", "metadata", "tests")
_OF_PROVIDERS = "providers"  # whose settings are a level deeper, each under its provider's name


class Method(StrEnum):
    """How the model learns from the examples."""

    SUPERVISED = "supervised"
    DPO = "dpo"
    REINFORCEMENT = "reinforcement"


@dataclass(frozen=True, slots=True)
class Fraction:
    """A validation split cut from the training files: a stable share of the rows, by seed."""

    fraction: float
    seed: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Where the examples are: paths or globs, relative to the spec's folder."""

    train: tuple[str, ...]
    validation: tuple[str, ...] | Fraction | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What the run may cost: US dollars and trained tokens. None means no limit.

    `unchecked` is what follows where a limit cannot be checked: "stop" or "allow".
    """

    max_cost: float | None = None
    max_tokens: int | None = None
    unchecked: str = "stop"

    @property
    def has_limits(self) -> bool:
        return self.max_cost is not None or self.max_tokens is not None


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to follow a job, in seconds."""

    timeout: float
    stall_after: float


@dataclass(frozen=True, slots=True)
class Spec:
    """One fine-tune. `path` is the spec's file; every relative path starts at its folder.

    `findings` are what reading it for one provider found, to be reported with those of the data.
    """

    path: Path
    name: str
    model: str
    dataset: Dataset
    provider: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    suffix: str | None = None
    method: Method = Method.SUPERVISED
    hyperparameters: Hyperparameters = field(default_factory=dict)
    grader: JsonObject | None = None
    seed: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    integrations: tuple[JsonObject, ...] = ()
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    extra_body: JsonObject = field(default_factory=dict)
    deployment: JsonObject = field(default_factory=dict)
    model_name: str | None = None
    missing: tuple[str, ...] = ()
    providers: Mapping[str, JsonObject] = field(default_factory=dict)
    allow_loss: tuple[str, ...] = ()
    budget: Budget = Budget()
    prices: str | Mapping[str, JsonObject] | None = None
    wait: Wait = Wait(timeout=6 * 3600, stall_after=30 * 60)
    notify: tuple[str, ...] = ()
    tests: Tests = field(default_factory=Tests)
    source: Source | None = field(default=None, compare=False, repr=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False, repr=False)

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def secrets(self) -> frozenset[str]:
        """What the environment gave for settings that may hold a key."""
        given = self.source.given if self.source else {}
        return frozenset(
            value for path, values in given.items() if _may_hold_keys(path) for value in values
        )


def _may_hold_keys(path: KeyPath) -> bool:
    setting = path[2:3] if path[:1] == (_OF_PROVIDERS,) else path[:1]
    return bool(setting) and setting[0] in _MAY_HOLD_KEYS


def point(
    spec: Spec,
    path: tuple[str | int, ...],
    *,
    code: str,
    message: str,
    hint: str | None = None,
    at: Literal["key", "value"] = "value",
) -> Finding:
    """A finding about the key or value at `path` of `spec`."""
    if spec.source is None:
        return Finding(code, message, Location(str(spec.path), path=json_path(path)), hint)
    return spec.source.finding(code, path, message, hint=hint, at=at)
