"""What happens during a run, told as small frozen values.

The engine emits events and never prints; renderers subscribe. Each event's `kind` and fields are
described in `schemas/event.schema.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ftrunner.findings import Finding


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""

    kind: ClassVar[str]


Emit = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A spec is about to be applied at an endpoint."""

    kind: ClassVar[str] = "run_started"
    spec: str
    name: str
    endpoint: str
    provider: str
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    """One of the four steps begins, is resumed or is skipped, and why."""

    kind: ClassVar[str] = "step_started"
    step: str
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class FindingsReported(Event):
    """What the checks found; only warnings and notes where the run goes on.

    `counts` has how many there are of a code, where not all were kept.
    """

    kind: ClassVar[str] = "findings"
    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetPrepared(Event):
    """One split is ready to be sent. `size` in bytes; `tokens` where they were counted."""

    kind: ClassVar[str] = "dataset_prepared"
    split: str
    filename: str
    examples: int
    size: int
    sha256: str
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class DatasetCompared(Event):
    """How many rows of a split are new, gone, or answered otherwise since the job `against`.

    `split` is "train and validation" where the two were cut from the same files.
    """

    kind: ClassVar[str] = "dataset_compared"
    split: str
    against: str
    added: int
    removed: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class UploadProgressed(Event):
    """Bytes of one split sent so far."""

    kind: ClassVar[str] = "upload_progressed"
    split: str
    sent: int
    total: int


@dataclass(frozen=True, slots=True)
class FileUploaded(Event):
    """The provider has the file."""

    kind: ClassVar[str] = "file_uploaded"
    split: str
    filename: str
    file_id: str


@dataclass(frozen=True, slots=True)
class JobCreated(Event):
    """The provider has the job; from here on it costs money."""

    kind: ClassVar[str] = "job_created"
    job_id: str
    model: str


@dataclass(frozen=True, slots=True)
class JobAdopted(Event):
    """A job of the same inputs was found at the provider and is followed instead of a new one."""

    kind: ClassVar[str] = "job_adopted"
    job_id: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobStatusChanged(Event):
    """The provider's own word for where the job is; `state` is what the profile reads in it."""

    kind: ClassVar[str] = "job_status"
    job_id: str
    status: str
    state: str
    estimated_finish: float | None = None


@dataclass(frozen=True, slots=True)
class JobMessage(Event):
    """One event of the job, in the provider's words. `created_at` in Unix seconds.

    `data` holds details where there are any, such as which moderation checks failed.
    """

    kind: ClassVar[str] = "job_message"
    created_at: float | None
    level: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricsReported(Event):
    """The metrics of one training step, as the provider names them."""

    kind: ClassVar[str] = "metrics"
    created_at: float | None
    step: int | None
    total_steps: int | None
    train_loss: float | None
    valid_loss: float | None
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobSucceeded(Event):
    """Training is done and the tuned model has a name."""

    kind: ClassVar[str] = "job_succeeded"
    job_id: str
    model: str
    trained_tokens: int | None


@dataclass(frozen=True, slots=True)
class Checked(Event):
    """One assertion held against one answer: what was expected and whether it was met."""

    kind: ClassVar[str] = "checked"
    expected: str
    passed: bool
    why: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerGiven(Event):
    """The tuned model answered a test prompt, for the `attempt`-th time of `repeat`."""

    kind: ClassVar[str] = "answer"
    prompt: str
    question: str
    answer: str
    attempt: int
    repeat: int
    passed: bool
    checks: tuple[Checked, ...]


@dataclass(frozen=True, slots=True)
class TestsFinished(Event):
    """The verdict over all prompts."""

    kind: ClassVar[str] = "tests_finished"
    model: str
    passed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """A request will be sent again after `delay` seconds."""

    kind: ClassVar[str] = "retrying"
    attempt: int
    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """Something the user should know that no other event tells.

    One of level "debug" is for programs and for the record of the run: no person is told.
    """

    kind: ClassVar[str] = "note"
    message: str
    level: str = "note"


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The run is over. `outcome` is done, nothing_to_do or tests_failed."""

    kind: ClassVar[str] = "run_finished"
    outcome: str
    model: str | None
    evidence: str | None = None


SCHEMA_VERSION = 1


def as_document(event: Event) -> dict[str, Any]:
    """The event as one JSON object, as `--json` prints it and the evidence folder keeps it."""
    return {"schema": SCHEMA_VERSION, "event": event.kind, **_fields(event)}


def _fields(event: Event) -> dict[str, Any]:
    names: tuple[str, ...] = event.__match_args__
    return {name: _plain(getattr(event, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return value.as_dict()
    if isinstance(value, Event):
        return _fields(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
