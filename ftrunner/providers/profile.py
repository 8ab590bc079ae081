"""A provider's wire shape as a value: what `providers/<name>.yaml` says, typed.

Every fact is data that a user can override; its source is cited in the YAML file. The fields'
meanings are told in `schemas/provider.schema.json`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class JobState(StrEnum):
    """What a status word means to the runner. An unlisted word is UNKNOWN: shown, waited on."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class Placement(StrEnum):
    """Where hyperparameters go in the request that creates a job."""

    METHOD = "method"  # method.<type>.hyperparameters
    TOP_LEVEL = "top_level"  # hyperparameters, as before 2024-12


@dataclass(frozen=True, slots=True)
class Auth:
    """The header that carries the key; `format` holds `{key}` once."""

    header: str = "Authorization"
    format: str = "Bearer {key}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its method and its path under the base URL, with `{id}` placeholders."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Paging:
    """How lists are read: the cursor names the last item seen; `size` items are asked for."""

    cursor: str = "after"
    limit: str = "limit"
    size: int = 100


@dataclass(frozen=True, slots=True)
class Range:
    """What a hyperparameter may be: one of `choices`, or a number within bounds, or "auto".

    None is unbounded; `exclusive_minimum` leaves the bound itself out.
    """

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    integer: bool = False
    auto: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuffixRule:
    """What a provider takes as `suffix`."""

    supported: bool = True
    required: bool = False
    max_length: int = 64
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes and counts. Bytes are bytes; tokens are per example."""

    file_bytes: int | None = None
    upload_bytes: int | None = None
    part_bytes: int | None = None
    min_examples: int = 1
    max_examples: int | None = None
    example_tokens: int | None = None
    metadata_pairs: int = 16


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider. `missing` names what it lacks: events, checkpoints, listing, metadata…"""

    name: str
    title: str
    base_url: str | None
    hosts: tuple[str, ...]
    api_key_env: str | None
    auth: Auth
    operations: Mapping[str, Operation]
    statuses: Mapping[str, JobState]
    hyperparameters: Mapping[str, Mapping[str, Range]]
    methods: tuple[str, ...]
    paging: Paging = Paging()
    placement: Placement = Placement.METHOD
    purpose: str = "fine-tune"
    suffix: SuffixRule = SuffixRule()
    limits: Limits = Limits()
    missing: frozenset[str] = field(default_factory=frozenset)
    byte_order_mark: bool = False
    verified: str | None = None
    sources: tuple[str, ...] = ()

    def state_of(self, status: str | None) -> JobState:
        """What the provider's status word means; UNKNOWN where the profile does not list it."""
        return self.statuses.get((status or "").lower(), JobState.UNKNOWN)

    def lacks(self, feature: str) -> bool:
        return feature in self.missing
