"""What the store keeps: one frozen value per noun. A change is a new value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Labels = dict[str, str]
WITHOUT_METADATA = "without_metadata"
"""The label of a job that has no metadata: an index finds what is there, not what is missing."""
"""Indexed pairs by which records are found again; see `store.collection`."""


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
    """The key of its bytes in the blob store; several records may share one."""
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
    """What was measured in a job's files when it was created."""

    examples: int = 0
    tokens: int = 0
    """Billable tokens of one epoch."""
    entropy: float = 0.0
    """Of the completions' text: where the loss starts."""
    validation_examples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long each phase takes, in seconds, fixed when the job is created."""

    validating: float
    queued: float
    running: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something a client did to a job after creating it."""

    kind: Literal["cancel", "pause", "resume"]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a scenario has decided about a job; by default nothing."""

    stuck_in: Literal["validating_files", "queued", "running"] | None = None
    fails_in: Literal["validating_files", "queued", "running", "succeeded"] | None = None
    """The phase at whose end the job fails; in `running` it is the middle."""
    error: Refusal | None = None
    moderated: bool = False
    """Whether a failure after training comes with the event of a moderation check."""
    best_epoch: int | None = None
    """The epoch after which the model forgets; None where each one teaches it more."""
    cancelled_after: float | None = None
    """Seconds of work after which somebody else cancels it."""
    created_after: float = 0.0
    """Seconds after the request at which the job comes into being."""
    shown_after: float = 0.0
    """Seconds after its creation for which its record is a 404."""
    listed_after: float = 0.0
    """Seconds after its creation for which the list of jobs does not have it."""
    served_after: float = 0.0
    """Seconds after success for which the tuned model still is a 404."""
    status_words: dict[str, str] = field(default_factory=dict)
    """Words shown in place of a status, such as `created`."""
    hides: tuple[str, ...] = ()
    """Fields that this provider's job objects do not have."""
    null_error: bool = False
    """Whether `error` is null, not `{}`, where nothing is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: str
    owner: str
    created_at: float
    model: str
    training_file: str
    training_content: str
    inputs: str
    """A hash of everything that decides what is trained; equal for duplicates."""
    validation_file: str | None = None
    method: Literal["supervised", "dpo", "reinforcement"] = "supervised"
    grader: dict[str, Any] | None = None
    requested: dict[str, Any] = field(default_factory=dict)
    """Hyperparameters as the client gave them; the rest is "auto"."""
    resolved: dict[str, Any] = field(default_factory=dict)
    """Hyperparameters as training uses them."""
    suffix: str | None = None
    null_error: bool = False
    """Whether its provider sends null for `error` where nothing is wrong."""
    seed: int
    metadata: dict[str, str] | None = None
    integrations: list[dict[str, Any]] | None = None
    tuned_model: str
    """The name that the model gets once training has succeeded."""
    result_file: str
    data: TrainingData
    refusal: Refusal | None = None
    """What validation will find."""
    pace: Pace
    fate: Fate = Fate()
    changes: tuple[Change, ...] = ()
    settled: bool = False
    """Whether the results of its end have been stored."""
    serves: bool = False
    """Whether its model exists: set when success is settled, unset when it is deleted."""
    model_deleted: bool = False
    shown: dict[str, Any] = field(default_factory=dict)
    """What a dialect's provider tells of the job, where the application inside has other words."""

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
    """What a dialect's provider has beside files and jobs: a deployment, an endpoint, a model.

    The id is its noun, a colon, and its name.
    """

    id: str
    owner: str
    created_at: float
    job: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False

    def labels(self) -> Labels:
        return {}
