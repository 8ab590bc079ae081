"""A provider's wire shape as a value: what `providers/<name>.yaml` says, typed.

Every fact is data that a user can override; its source is cited in the YAML file. The fields'
meanings are in `schemas/provider.schema.json`; a test holds the two together, and the shipped
profiles to the schema: reading one validates nothing at start-up but its types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from threading import Lock
from typing import Any

import msgspec
import yaml

from ftrunner.findings import Severity
from ftrunner.providers.ranges import Range
from ftrunner.providers.serving import Serving
from ftrunner.providers.wire_mapping import (
    AnswerForm,
    FileForm,
    JobRequestForm,
    KnownRefusal,
    Placement,
    QuoteForm,
    UploadForm,
)

__all__ = ["JobState", "Placement", "Profile", "Range"]


_DATE = re.compile(r"-(?:\d{4}-\d\d-\d\d|\d{4})$")


def undated(model: str) -> str:
    """A model's name without the date at its end."""
    return _DATE.sub("", model)


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
    """How lists are read: the cursor names the last item seen; `size` items are asked for.

    A null `cursor` means that a list comes whole. The operations in `oldest_first` list so; all
    others are taken to list the newest first.
    """

    cursor: str | None = "after"
    limit: str = "limit"
    size: int = 100
    oldest_first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """How a hyperparameter of the reference vocabulary is said here: `to`, times `scale`.

    `values` replaces single values first, such as "auto". `rule` says why, for people.
    """

    to: str
    scale: float | None = None
    values: Mapping[str, int | float | str] = field(default_factory=dict)
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class ModelNames:
    """What base models are called here: a name that does not match is another provider's.

    `formats` are what single models train on, by name, where that is not what all others do.
    `known` are those that train here, without the dates in their names: a list that ages.
    `listed` says that each of them has a record at the provider: one without is not there.
    `chats_otherwise` are patterns of those that do not chat under their own names, and why.
    `shutdown_dates` are the announced ends, by the name without its date.
    """

    pattern: str | None = None
    example: str | None = None
    listed: bool = False
    known: tuple[str, ...] = ()
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chats_otherwise: Mapping[str, str] = field(default_factory=dict)
    shutdown_dates: Mapping[str, str] = field(default_factory=dict)

    def shutdown_date(self, model: str) -> str | None:
        """The announced end of `model`, of that name or of the name without its date."""
        dates = self.shutdown_dates
        return dates.get(model) or dates.get(undated(model))

    def formats_of(self, model: str) -> tuple[str, ...] | None:
        """What `model`, or a model tuned from it, trains on; None where it is as all others."""
        base = model.removeprefix("ft:").partition(":")[0]
        return self.formats.get(base)


@dataclass(frozen=True, slots=True)
class SuffixRule:
    """What a provider takes as `suffix`."""

    supported: bool = True
    required: bool = False
    max_length: int = 64
    pattern: str | None = None

    def why_not(self, suffix: str) -> str | None:
        """Why the provider refuses `suffix`, after its name; None if it takes it."""
        if not self.supported:
            return "takes no suffix"
        if len(suffix) > self.max_length:
            return f"takes up to {self.max_length} characters; this has {len(suffix)}"
        if self.pattern and not re.fullmatch(self.pattern, suffix):
            return f"takes only {self.pattern}"
        return None


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes and counts. Bytes are bytes; tokens and images are per example."""

    file_bytes: int | None = None
    upload_bytes: int | None = None
    part_bytes: int | None = None
    min_examples: int = 1
    max_examples: int | None = None
    example_tokens: int | None = None
    images: int | None = None
    metadata_pairs: int = 16

    @property
    def largest_file(self) -> int | None:
        """Bytes of the largest file that the provider takes, in one request or in parts."""
        return max(self.file_bytes or 0, self.upload_bytes or 0) or None


@dataclass(frozen=True, slots=True)
class DataForm:
    """What lines of one format may hold here beyond their schema: see `Profile.data`.

    `roles` are all that may speak, where given; `message_keys` are more keys with texts that the
    messages of a role may have.
    """

    roles: tuple[str, ...] | None = None
    message_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Each role with each of its keys."""
        return tuple((role, key) for role, keys in self.message_keys.items() for key in keys)


@dataclass(frozen=True, slots=True)
class TrainingEnd:
    """A day (YYYY-MM-DD) from which new jobs are refused; `who` null means everybody's."""

    day: str
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider. `missing` names what it lacks: events, checkpoints, job_listing, metadata…

    `validation_required` names the methods that take no job without validation data.
    `ended_by` are the fields that only a job that is over has: with one of them an unlisted status
    is final.
    `base_url` may hold `{setting}` placeholders, which the spec fills under `deployment:`.
    """

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
    translations: Mapping[str, Translation] = field(default_factory=dict)
    models: ModelNames = field(default_factory=ModelNames)
    paging: Paging = Paging()
    request: JobRequestForm = field(default_factory=JobRequestForm)
    job: AnswerForm = field(default_factory=AnswerForm)
    event: AnswerForm = field(default_factory=AnswerForm)
    checkpoint: AnswerForm = field(default_factory=AnswerForm)
    model: AnswerForm = field(default_factory=AnswerForm)
    quote: QuoteForm = field(default_factory=QuoteForm)
    upload: UploadForm = field(default_factory=UploadForm)
    file: FileForm = field(default_factory=FileForm)
    serving: Serving = field(default_factory=Serving)
    purpose: str = "fine-tune"
    suffix: SuffixRule = SuffixRule()
    limits: Limits = Limits()
    formats: tuple[str, ...] = ("chat", "completion", "preference", "reinforcement")
    validation_required: tuple[str, ...] = ()
    data: Mapping[str, DataForm] = field(default_factory=dict)
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    refusals: tuple[KnownRefusal, ...] = ()
    missing: frozenset[str] = field(default_factory=frozenset)
    byte_order_mark: bool = False
    training_ends: tuple[TrainingEnd, ...] = ()
    ended_by: tuple[str, ...] = ("finished_at", "fine_tuned_model", "error")
    notes: tuple[str, ...] = ()
    verified: str | None = None
    sources: tuple[str, ...] = ()

    def state_of(self, status: str | None) -> JobState:
        """What the provider's status word means; UNKNOWN where the profile does not list it."""
        return self.statuses.get((status or "").lower(), JobState.UNKNOWN)

    def defaults(self, method: str) -> dict[str, int | float | str | bool]:
        """The hyperparameters that the provider takes where none are given, as far as is known."""
        known = self.hyperparameters.get(method, {})
        return {name: one.default for name, one in known.items() if one.default is not None}

    def formats_of(self, model: str) -> tuple[str, ...]:
        """The data formats that `model` trains on; of no model in particular, of any."""
        if model:
            return self.models.formats_of(model) or self.formats
        return tuple(dict.fromkeys((*self.formats, *chain(*self.models.formats.values()))))

    def why_no_chat(self, model: str) -> str | None:
        """Why the base model does not chat under its name; None where it does."""
        if not {"chat", "preference", "reinforcement"}.intersection(self.formats_of(model)):
            return "it completes texts and does not chat"
        otherwise = self.models.chats_otherwise.items()
        return next((why for pattern, why in otherwise if re.fullmatch(pattern, model)), None)

    def lacks(self, feature: str) -> bool:
        return feature in self.missing

    def without(self, features: Iterable[str]) -> Profile:
        """The profile of a server that lacks `features` too."""
        return replace(self, missing=self.missing.union(features))


# msgspec 0.21 crashes where two threads learn a type at once.
_ONE_AT_A_TIME = Lock()


def parse_profile(text: str) -> Profile:
    """The profile that `text` describes.

    Raises yaml.YAMLError for what is not YAML and msgspec.ValidationError, which names the key,
    for what is not a profile.
    """
    return convert(document_of(text))


def document_of(text: str) -> Any:
    """The plain values of a shipped profile's text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=yaml.CSafeLoader)  # a safe loader, in C


def convert(document: Any) -> Profile:
    """The profile that plain values describe. Raises msgspec.ValidationError."""
    with _ONE_AT_A_TIME:
        return msgspec.convert(document, Profile)
