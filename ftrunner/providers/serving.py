"""From a finished job to a model that answers, as values: what must be created, and how.

Texts are templates. `{model}` is the tuned model's name, `{base_model}` the spec's model,
`{job}` the job's id, `{job.FIELD}` what the provider says of the job, `{checkpoint}` the last
checkpoint's id, `{name}` the name ftrunner gives, `{base_url}` and `{origin}` the address; a
setting is under its own name, the id of a resource that was created before under its
noun, and its own as `{created}`. A template that is one placeholder keeps the type of its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ftrunner.providers.ranges import Range, Scalar


class ServingKind(StrEnum):
    """What lies between "succeeded" and an answer."""

    NONE = "none"  # the tuned model answers at once
    WAIT = "wait"  # it answers after a while
    CREATE_MODEL = "create_model"  # a model is created from the job's result
    DEPLOY = "deploy"  # the model is put on machines that are billed
    MANUAL = "manual"  # ftrunner cannot do it: the user does, and names the model


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that the spec gives under `deployment:`; without a default it must be given.

    A default may be a template. `allowed` is what the spec may say; null is anything. `values`
    are what is sent in place of a word.
    """

    description: str
    default: Scalar | None = None
    allowed: Range | None = None
    values: Mapping[str, Scalar] = field(default_factory=dict)

    def sent(self, value: Any) -> Any:
        """`value` as the provider takes it."""
        return self.values.get(value, value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Call:
    """A request: method, address as a template, JSON body as a tree of templates."""

    method: str
    url: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that is created at the provider.

    `id` is where the answer of `create` has its id, null where the id is `{name}`; `called` is
    where the answer of `read` has the name that chat takes, null where that is the id. `state` is
    where that answer says how it is: one of `ready` or `failed`, or to be waited on; null where it
    is ready once it exists. `listing` and `match` (globs) find one whose creation went unanswered
    and whose id the provider chose.
    """

    noun: str
    create: Call
    read: Call
    delete: Call | None = None
    listing: Call | None = None
    match: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    called: str | None = None
    state: str | None = None
    ready: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """How a succeeded job becomes a model that answers.

    Chat takes what the last resource is `called`, or else the tuned model's name. `key_env` names
    the variable of a token apart from the key. `bills` says that what is created is billed until
    it is deleted, at `hourly_cost` US dollars an hour; null is unknown. `hourly_costs` override it:
    by a setting's name, what each of its values costs, in upper or lower case; a value that is not
    listed has an unknown cost. `idle_minutes` names the setting that says after how many minutes
    without a request the provider stops it. `instructions` says to the user of a `manual` provider
    what to do next.
    """

    kind: ServingKind = ServingKind.NONE
    resources: tuple[Resource, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    key_env: str | None = None
    name_length: int = 64
    bills: bool = False
    hourly_cost: float | None = None
    hourly_costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    idle_minutes: str | None = None
    note: str | None = None
    instructions: str | None = None

    @property
    def is_needed(self) -> bool:
        """Whether something must be made for a tuned model before it answers."""
        return bool(self.resources or self.instructions)
