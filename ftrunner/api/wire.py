"""What providers answer, typed. Every field may be absent or null; what is not known is in `raw`.

Reading is lenient about everything but the id of what was asked for, without which nothing can
go on. Texts that are shown are printable, and what names something is on one line; a model's
answers are kept as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ftrunner.api import reference
from ftrunner.api.fields import (
    Document,
    MissingField,
    day,
    identifier,
    mapping,
    number,
    text,
    timestamp,
    whole,
    word,
    words,
)
from ftrunner.providers.profile import JobState, Profile
from ftrunner.providers.wire_mapping import QuoteForm, Readiness, at_path

_NO_ERROR = ("", "0", "None", "none", "null")  # texts in place of no error
_QUOTED = ("price", "tokens", "allowed", "limit", "available", "reason")


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file. `status` may be absent: it is deprecated, and some never sent it.

    `readiness` is what the status means for training, and `reason` why it never will be ready.
    """

    id: str
    filename: str | None = None
    bytes: int | None = None
    purpose: str | None = None
    status: str | None = None
    created_at: float | None = None
    readiness: Readiness = Readiness.READY
    reason: str | None = None
    raw: Document = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, raw: Document, profile: Profile) -> Self:
        """Raises MissingField without an id."""
        return cls(
            id=identifier(raw, "id"),
            readiness=profile.file.readiness(at_path(raw, profile.file.status or "")),
            reason=text({"reason": at_path(raw, profile.file.reason or "")}, "reason"),
            filename=word(raw, "filename"),
            bytes=whole(raw, "bytes"),
            purpose=word(raw, "purpose"),
            status=word(raw, "status"),
            created_at=timestamp(raw, "created_at"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed, in the provider's words."""

    code: str | None = None
    message: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A fine-tuning job. `status` is the provider's word, `state` what it means to the runner."""

    id: str
    status: str
    state: JobState
    model: str | None = None
    fine_tuned_model: str | None = None
    training_file: str | None = None
    validation_file: str | None = None
    result_files: tuple[str, ...] = ()
    trained_tokens: int | None = None
    method: str | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    suffix: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: float | None = None
    finished_at: float | None = None
    estimated_finish: float | None = None
    error: JobError | None = None
    ended_by: tuple[str, ...] = ()
    raw: Document = field(default_factory=dict, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it: by its status, or where that is unknown by what
        only a job that is over has, which `ended_by` names.
        """
        return self.state.is_final or (self.state is JobState.UNKNOWN and bool(self.ended_by))

    @classmethod
    def read(cls, raw: Document, profile: Profile) -> Self:
        """Raises MissingField without an id. A job without a status has status "" and UNKNOWN."""
        job = reference.job(raw, profile)
        status = word(job, "status") or ""
        read = cls(
            id=identifier(job, "id"),
            status=status,
            state=profile.state_of(status),
            model=word(job, "model"),
            fine_tuned_model=word(job, "fine_tuned_model"),
            training_file=word(job, "training_file"),
            validation_file=word(job, "validation_file"),
            result_files=words(job, "result_files"),
            trained_tokens=whole(job, "trained_tokens"),
            method=word(mapping(job, "method"), "type"),
            hyperparameters=_hyperparameters(job),
            seed=whole(job, "seed"),
            suffix=word(job, "suffix") or word(job, "user_provided_suffix"),
            metadata={k: v for k, v in mapping(job, "metadata").items() if isinstance(v, str)},
            created_at=timestamp(job, "created_at"),
            finished_at=timestamp(job, "finished_at"),
            estimated_finish=timestamp(job, "estimated_finish"),
            error=_job_error(job),
            raw=raw,
        )
        return replace(read, ended_by=tuple(n for n in profile.ended_by if getattr(read, n)))


def _hyperparameters(raw: Document) -> Mapping[str, Any]:
    """From `method.<type>.hyperparameters` and the older top-level place; the former wins."""
    method = mapping(raw, "method")
    inner = mapping(mapping(method, word(method, "type") or ""), "hyperparameters")
    both = {**mapping(raw, "hyperparameters"), **inner}
    return {name: value for name, value in both.items() if value is not None}


def _job_error(raw: Document) -> JobError | None:
    """None for null, for `{}`, for an object of nulls and for texts that say as much: they all mean
    that there is none. Of several errors the first.
    """
    errors = raw.get("error")
    if isinstance(errors, list):
        raw = {"error": next(iter(errors), None)}
    error = mapping(raw, "error") or {"message": raw.get("error")}
    said = {name: value for name, value in error.items() if value not in _NO_ERROR}
    found = JobError(word(said, "code"), text(said, "message"), word(said, "param"))
    return found if found != JobError() else None


@dataclass(frozen=True, slots=True)
class Quote:
    """A provider's estimate of a job: dollars and tokens, and whether the account can pay it.

    Each is None where the provider gives none, as for a file that is not read yet; `reason` is why.
    """

    price: float | None = None
    tokens: int | None = None
    allowed: bool | None = None
    limit: float | None = None
    reason: str | None = None
    raw: Document = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, raw: Document, form: QuoteForm) -> Self:
        quoted = {name: at_path(raw, getattr(form, name) or "") for name in _QUOTED}
        price = number(quoted, "price")
        is_price = price is not None and price >= 0 and quoted["available"] is not False
        return cls(
            price=price if is_price else None,
            tokens=whole(quoted, "tokens"),
            allowed=quoted["allowed"] if isinstance(quoted["allowed"], bool) else None,
            limit=number(quoted, "limit"),
            reason=word(quoted, "reason"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One line of a job's history. `data` holds the numbers of an event of type "metrics"."""

    id: str
    created_at: float | None = None
    level: str | None = None
    message: str | None = None
    type: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    raw: Document = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, raw: Document) -> Self:
        """An event without an id gets one from its time and text, so that it is seen once."""
        created_at, message = timestamp(raw, "created_at"), text(raw, "message")
        return cls(
            id=word(raw, "id") or f"{created_at}:{message}",
            created_at=created_at,
            level=word(raw, "level"),
            message=message,
            type=word(raw, "type"),
            data=mapping(raw, "data"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model as it was after a step of training, with the metrics of that step."""

    id: str
    fine_tuned_model_checkpoint: str | None = None
    step_number: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    created_at: float | None = None
    raw: Document = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, raw: Document) -> Self:
        """Raises MissingField without an id."""
        metrics = mapping(raw, "metrics")
        numbers = {name: number(metrics, name) for name in metrics}
        return cls(
            id=identifier(raw, "id"),
            fine_tuned_model_checkpoint=word(raw, "fine_tuned_model_checkpoint"),
            step_number=whole(raw, "step_number"),
            metrics={name: value for name, value in numbers.items() if value is not None},
            created_at=timestamp(raw, "created_at"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be asked. Days are YYYY-MM-DD, where they are announced: `shutdown_date`
    is its last, `tuning_ends` the last of its training. `tunable` is None where unknown.
    """

    id: str
    owned_by: str | None = None
    created: float | None = None
    shutdown_date: str | None = None
    tunable: bool | None = None
    tuning_ends: str | None = None
    raw: Document = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, raw: Document) -> Self:
        """Raises MissingField without an id."""
        return cls(
            id=identifier(raw, "id"),
            owned_by=word(raw, "owned_by"),
            created=timestamp(raw, "created"),
            shutdown_date=day(raw, "shutdown_date"),
            tunable=raw.get("tunable") if isinstance(raw.get("tunable"), bool) else None,
            tuning_ends=day(raw, "tuning_ends"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class ChatCompletion:
    """A model's answer. `content` is exactly what the model said, control characters and all."""

    content: str | None = None
    tool_calls: tuple[Document, ...] = ()
    refusal: str | None = None
    finish_reason: str | None = None
    model: str | None = None
    id: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    system_fingerprint: str | None = None
    raw: Document = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, raw: Document) -> Self:
        """Of the first choice. Raises MissingField where there is none with a message."""
        choices = raw.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
            raise MissingField("choices[0].message")
        message = choice["message"]
        usage = mapping(raw, "usage")
        counts = {name: whole(usage, name) for name in usage}
        return cls(
            content=_content(message.get("content")),
            tool_calls=_objects(message.get("tool_calls")),
            refusal=text(message, "refusal"),
            finish_reason=word(choice, "finish_reason"),
            model=word(raw, "model"),
            id=word(raw, "id"),
            usage={name: count for name, count in counts.items() if count is not None},
            system_fingerprint=word(raw, "system_fingerprint"),
            raw=raw,
        )


def _content(value: object) -> str | None:
    """The text of a message, also where it comes in parts."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else []
    found = [part["text"] for part in parts if isinstance(part, dict) and _is_text(part)]
    return "".join(found) if found else None


def _is_text(part: dict[str, Any]) -> bool:
    return isinstance(part.get("text"), str)


def _objects(value: object) -> tuple[Document, ...]:
    return (
        tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
    )
