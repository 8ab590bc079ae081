"""Where a provider's requests and answers differ from the reference shape, as values.

The reference shape is OpenAI's. A path is dotted (`training_method.dpo_beta`); an empty mapping
means that nothing differs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Placement(StrEnum):
    """Where hyperparameters go in the request that creates a job."""

    METHOD = "method"  # method.<type>.hyperparameters
    METHOD_FLAT = "method_flat"  # method.hyperparameters; supervised ones in hyperparameters
    TOP_LEVEL = "top_level"  # hyperparameters, as before 2024-12
    BODY = "body"  # each is a key of the body itself


@dataclass(frozen=True, slots=True)
class JobRequestForm:
    """How the request that creates a job is written.

    `fields` gives another path to a key of the reference shape, or null where it is not taken;
    with placement `body` also to a hyperparameter. `methods` are the provider's words for ours,
    and `constants`, by method, are sent with every job of it; `extra_body` overrides them.
    """

    placement: Placement = Placement.METHOD
    fields: Mapping[str, str | None] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def takes(self, name: str) -> bool:
        """Whether the key `name` of the reference shape has a place in the request."""
        return self.fields.get(name, name) is not None


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """How an answer is read: `envelope` is the key that wraps it, `fields` where our keys are."""

    envelope: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuoteForm:
    """How a job's price is asked for: the keys of the request, and where the
    answer has the price and limit (US dollars), the tokens, and whether the account can pay; also
    whether there is an estimate at all, and why not. With a reason in `passing` it is asked again.
    """

    takes: tuple[str, ...] = ()
    price: str | None = None
    tokens: str | None = None
    allowed: str | None = None
    limit: str | None = None
    available: str | None = None
    reason: str | None = None
    passing: tuple[str, ...] = ()


class RefusalMeaning(StrEnum):
    """What a known refusal means, whatever its HTTP status says."""

    NOT_OFFERED = "not_offered"  # this account may start no training
    NOT_ALLOWED = "not_allowed"  # a right or a licence is missing: trying again never helps


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """A refusal that the provider is known for, and what mends it.

    It is known by one of `codes`, or by the pattern `says` in its message. Without a `meaning` it
    means what its HTTP status means; without a `fix` the hint is that of its meaning.
    """

    says: str | None = None
    codes: tuple[str, ...] = ()
    meaning: RefusalMeaning | None = None
    fix: str | None = None

    def is_met(self, message: str | None, code: str | None) -> bool:
        """Whether a refusal with this message and code is this one."""
        words = self.says and re.search(self.says, message or "", re.IGNORECASE)
        return bool(words) or code in self.codes


class UploadStyle(StrEnum):
    """How a file's bytes reach the provider."""

    MULTIPART = "multipart"  # one form with the file in it
    REDIRECT = "redirect"  # a form without the file; PUT to where the answer points; a finish


@dataclass(frozen=True, slots=True)
class UploadForm:
    """How a file is sent.

    `fields` are sent beside `purpose`; `{filename}` and `{extension}` stand for the file's.
    With `redirect` the id of the file to come is in the header `id_header`.
    """

    style: UploadStyle = UploadStyle.MULTIPART
    fields: Mapping[str, str] = field(default_factory=dict)
    id_header: str | None = None


class Readiness(StrEnum):
    """Whether a file can be trained on."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileForm:
    """How an uploaded file says that it can be trained on; no `status` means that it can at once.

    A status that is neither in `ready` nor in `failed` is waited on.
    """

    status: str | None = None
    ready: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    reason: str | None = None

    def readiness(self, status: object) -> Readiness:
        """What a file's status means; one that says nothing is ready."""
        if self.status is None or status is None or status in self.ready:
            return Readiness.READY
        return Readiness.FAILED if status in self.failed else Readiness.WAITING


def at_path(document: Any, path: str) -> Any:
    """The value at `path`; None where there is none."""
    for part in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(part)
    return document


def put_at(document: dict[str, Any], path: str, value: Any) -> None:
    """Set `path` to `value`, making the objects on the way; what is not an object is replaced."""
    *parents, last = path.split(".")
    for part in parents:
        inner = document.get(part)
        document[part] = document = dict(inner) if isinstance(inner, Mapping) else {}
    document[last] = value
