"""What else is at the provider: files, models, deployments, prices."""

from __future__ import annotations

from typing import ClassVar

from ftrunner.events.base import Event, Name


class UploadProgressed(Event, frozen=True):
    """Bytes of one split sent so far."""

    kind: ClassVar[str] = "upload_progressed"
    split: Name
    sent: int
    total: int


class FileUploaded(Event, frozen=True):
    """The provider has the file."""

    kind: ClassVar[str] = "file_uploaded"
    split: Name
    filename: Name
    file_id: Name


class FileProcessing(Event, frozen=True):
    """The provider still processes the file; ftrunner waits."""

    kind: ClassVar[str] = "file_processing"
    file_id: Name


class FileDeleted(Event, frozen=True):
    """The file is no longer at the provider; `existed` is false if it was gone before."""

    kind: ClassVar[str] = "file_deleted"
    file_id: Name
    existed: bool


class DeploymentCreated(Event, frozen=True):
    """The provider created a deployment, or what `noun` says; it may be billed from here on."""

    kind: ClassVar[str] = "deployment_created"
    noun: Name
    id: Name


class DeploymentFound(Event, frozen=True):
    """A deployment created before is used. `unconfirmed` if the answer to its creation was lost."""

    kind: ClassVar[str] = "deployment_found"
    noun: Name
    id: Name
    unconfirmed: bool


class DeploymentStatusChanged(Event, frozen=True):
    """The provider's status of a deployment; None while the provider does not show it."""

    kind: ClassVar[str] = "deployment_status"
    noun: Name
    id: Name
    status: str | None


class DeploymentDeleted(Event, frozen=True):
    """The deployment is no longer at the provider; `existed` is false if it was gone before."""

    kind: ClassVar[str] = "deployment_deleted"
    noun: Name
    id: Name
    existed: bool


class DeploymentNotDeleted(Event, frozen=True):
    """A failed deployment could not be deleted and may still be billed."""

    kind: ClassVar[str] = "deployment_not_deleted"
    noun: Name
    id: Name
    error: str


class RunningCosts(Event, frozen=True):
    """These deployments are billed by the hour. `advice` says what to do about it."""

    kind: ClassVar[str] = "running_costs"
    deployments: tuple[Name, ...]
    cost: str
    advice: str


class ModelDeleted(Event, frozen=True):
    """The tuned model is no longer at the provider; `existed` is false if it was gone before."""

    kind: ClassVar[str] = "model_deleted"
    model: Name
    existed: bool


class ModelNotDeleted(Event, frozen=True):
    """The provider's API cannot delete models."""

    kind: ClassVar[str] = "model_not_deleted"
    model: Name
    provider: Name


class ModelNotReady(Event, frozen=True):
    """The tuned model does not answer yet; ftrunner asks again."""

    kind: ClassVar[str] = "model_not_ready"
    model: Name
    error: str


class ModelNotDescribed(Event, frozen=True):
    """The provider gives no information about the base model."""

    kind: ClassVar[str] = "model_not_described"
    model: Name


class ObjectMissing(Event, frozen=True):
    """A recorded job, model or file is not at the provider. `type` says which."""

    kind: ClassVar[str] = "object_missing"
    type: Name
    id: Name


class PriceQuoted(Event, frozen=True):
    """The provider's estimate of a job in US dollars; without a `price`, `reason` says why.

    `allowed` and `limit` say whether the account can pay it.
    """

    kind: ClassVar[str] = "price_quoted"
    provider: Name
    price: float | None
    tokens: int | None
    reason: str | None
    allowed: bool | None
    limit: float | None
