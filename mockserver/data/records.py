"""The records in the store: immutable values; a change is a new value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Labels = dict[str, str]
"""Indexed pairs to find records by; see `store.collection`."""
WITHOUT_METADATA = "without_metadata"
"""The label of jobs without metadata; an index cannot find missing labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    id: str
    owner: str
    created_at: int
    bytes: int
    filename: str
    purpose: str
    expires_at: int | None = None
    content: str
    """The key of its bytes in the blob store; records may share one."""
    digest: str
    """SHA-256 of its bytes."""

    def labels(self) -> Labels:
        return {"purpose": self.purpose}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why validation or training ended a job: `error` of a fine-tuning job."""

    code: str
    message: str
    param: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """The measurements of a job's files at its creation."""

    examples: int = 0
    tokens: int = 0
    """Billable tokens of one epoch."""
    entropy: float = 0.0
    """The entropy of the completions' text, at which the loss starts."""
    validation_examples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The duration of each phase in seconds, fixed at the job's creation."""

    validating: float
    queued: float
    running: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An action of a client on an existing job."""

    kind: Literal["cancel", "pause", "resume"]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFate:
    """How a scenario changes a job; by default not at all."""

    stuck_in: Literal["validating_files", "queued", "running"] | None = None
    fails_in: Literal["validating_files", "queued", "running", "succeeded"] | None = None
    """The phase at the end of which the job fails; for `running`, in the middle."""
    error: Refusal | None = None
    moderated: bool = False
    """Whether a failure after training comes with a moderation event."""
    best_epoch: int | None = None
    """The epoch after which the model forgets; None if it keeps learning."""
    cancelled_after: float | None = None
    """Seconds of work after which another user cancels it."""
    created_after: float = 0.0
    """Seconds from the request until the job exists."""
    shown_after: float = 0.0
    """Seconds after its creation during which its record is a 404."""
    listed_after: float = 0.0
    """Seconds after its creation during which the list of jobs lacks it."""
    served_after: float = 0.0
    """Seconds after success during which the tuned model is a 404."""
    status_words: dict[str, str] = field(default_factory=dict)
    """Replacements for status values, such as `created`."""
    hides: tuple[str, ...] = ()
    """Fields that job objects lack."""
    null_error: bool = False
    """Whether the `error` of a healthy job is null, not `{}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: str
    owner: str
    created_at: float
    model: str
    training_file: str
    training_content: str
    inputs: str
    """A hash of everything that affects the training; equal for duplicates."""
    validation_file: str | None = None
    method: Literal["supervised", "dpo", "reinforcement"] = "supervised"
    grader: dict[str, Any] | None = None
    requested: dict[str, Any] = field(default_factory=dict)
    """The hyperparameters in the request; all others are "auto"."""
    resolved: dict[str, Any] = field(default_factory=dict)
    """The hyperparameters used in training."""
    suffix: str | None = None
    null_error: bool = False
    """Whether the `error` of a healthy job is null."""
    seed: int
    metadata: dict[str, str] | None = None
    integrations: list[dict[str, Any]] | None = None
    tuned_model: str
    """The name of the model after training has succeeded."""
    result_file: str
    data: TrainingData
    refusal: Refusal | None = None
    """The reason if validation will reject the files."""
    pace: Pace
    outcome: JobFate = JobFate()
    changes: tuple[Change, ...] = ()
    settled: bool = False
    """Whether its results have been stored."""
    serves: bool = False
    """Whether its model exists: set after success, unset on deletion."""
    model_deleted: bool = False
    shown: dict[str, Any] = field(default_factory=dict)
    """Fields that a dialect shows in place of those of the inner application."""

    def labels(self) -> Labels:
        found = {f"metadata.{key}": value for key, value in (self.metadata or {}).items()}
        if not self.metadata:
            found[WITHOUT_METADATA] = "yes"
        found["model"] = self.tuned_model
        found["training_file"] = self.training_file
        if self.validation_file:
            found["validation_file"] = self.validation_file
        found["inputs"] = self.inputs
        found["open"] = "no" if self.settled else "yes"
        found["serves"] = "yes" if self.serves else "no"
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    id: str
    owner: str
    created_at: int
    expires_at: int
    filename: str
    purpose: str
    bytes: int
    status: Literal["pending", "completed", "cancelled"] = "pending"
    file_expires_after: int | None = None
    file: str | None = None

    def labels(self) -> Labels:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    id: str
    owner: str
    created_at: int
    upload: str
    bytes: int
    content: str

    def labels(self) -> Labels:
        return {"upload": self.upload}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    id: str
    owner: str
    created_at: int
    checkpoint: str
    project_id: str

    def labels(self) -> Labels:
        return {"checkpoint": self.checkpoint, "project": self.project_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    id: str
    owner: str
    created_at: int
    model: str
    metadata: dict[str, str]
    messages: list[dict[str, Any]]
    response: dict[str, Any]

    def labels(self) -> Labels:
        found = {f"metadata.{key}": value for key, value in self.metadata.items()}
        found["model"] = self.model
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """An object of a dialect other than a file or a job: a deployment, an endpoint, a model.

    Its id is its noun, a colon and its name.
    """

    id: str
    owner: str
    created_at: float
    job: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False

    def labels(self) -> Labels:
        return {}
