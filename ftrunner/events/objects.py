"""What else is at the provider: files, models, deployments, prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ftrunner.events.base import Event


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
class FileProcessing(Event):
    """The provider still processes the file; ftrunner waits."""

    kind: ClassVar[str] = "file_processing"
    file_id: str


@dataclass(frozen=True, slots=True)
class FileDeleted(Event):
    """The file is no longer at the provider; `existed` is false if it was gone before."""

    kind: ClassVar[str] = "file_deleted"
    file_id: str
    existed: bool


@dataclass(frozen=True, slots=True)
class DeploymentCreated(Event):
    """The provider created a deployment, or what `noun` says; it may be billed from here on."""

    kind: ClassVar[str] = "deployment_created"
    noun: str
    id: str


@dataclass(frozen=True, slots=True)
class DeploymentFound(Event):
    """A deployment created before is used. `unconfirmed` if the answer to its creation was lost."""

    kind: ClassVar[str] = "deployment_found"
    noun: str
    id: str
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class DeploymentStatusChanged(Event):
    """The provider's status of a deployment; None while the provider does not show it."""

    kind: ClassVar[str] = "deployment_status"
    noun: str
    id: str
    status: str | None


@dataclass(frozen=True, slots=True)
class DeploymentDeleted(Event):
    """The deployment is no longer at the provider; `existed` is false if it was gone before."""

    kind: ClassVar[str] = "deployment_deleted"
    noun: str
    id: str
    existed: bool


@dataclass(frozen=True, slots=True)
class DeploymentNotDeleted(Event):
    """A failed deployment could not be deleted and may still be billed."""

    kind: ClassVar[str] = "deployment_not_deleted"
    noun: str
    id: str
    error: str


@dataclass(frozen=True, slots=True)
class RunningCosts(Event):
    """These deployments are billed by the hour. `advice` says what to do about it."""

    kind: ClassVar[str] = "running_costs"
    deployments: tuple[str, ...]
    cost: str
    advice: str


@dataclass(frozen=True, slots=True)
class ModelDeleted(Event):
    """The tuned model is no longer at the provider; `existed` is false if it was gone before."""

    kind: ClassVar[str] = "model_deleted"
    model: str
    existed: bool


@dataclass(frozen=True, slots=True)
class ModelNotDeleted(Event):
    """The provider's API cannot delete models."""

    kind: ClassVar[str] = "model_not_deleted"
    model: str
    provider: str


@dataclass(frozen=True, slots=True)
class ModelNotReady(Event):
    """The tuned model does not answer yet; ftrunner asks again."""

    kind: ClassVar[str] = "model_not_ready"
    model: str
    error: str


@dataclass(frozen=True, slots=True)
class ModelNotDescribed(Event):
    """The provider gives no information about the base model."""

    kind: ClassVar[str] = "model_not_described"
    model: str


@dataclass(frozen=True, slots=True)
class ObjectMissing(Event):
    """A recorded job, model or file is not at the provider. `type` says which."""

    kind: ClassVar[str] = "object_missing"
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class PriceQuoted(Event):
    """The provider's estimate of a job in US dollars; without a `price`, `reason` says why.

    `allowed` and `limit` say whether the account can pay it.
    """

    kind: ClassVar[str] = "price_quoted"
    provider: str
    price: float | None
    tokens: int | None
    reason: str | None
    allowed: bool | None
    limit: float | None
