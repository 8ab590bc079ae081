"""The format of a request for a new fine-tuning job.

Source of names and ranges: the contract's `CreateFineTuningJobRequest` and the schemas of the
methods; metadata limits: the contract's `Metadata`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Auto = Literal["auto"]
Epochs = Annotated[int, Meta(ge=1, le=50)]
BatchSize = Annotated[int, Meta(ge=1, le=256)]
Multiplier = Annotated[float, Meta(gt=0)]


class Hyperparameters(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    n_epochs: Epochs | Auto | None = None
    batch_size: BatchSize | Auto | None = None
    learning_rate_multiplier: Multiplier | Auto | None = None


class DpoHyperparameters(Hyperparameters):
    beta: Annotated[float, Meta(gt=0, le=2)] | Auto | None = None


class ReinforcementHyperparameters(Hyperparameters):
    compute_multiplier: Annotated[float, Meta(gt=0.00001, le=10)] | Auto | None = None
    eval_interval: Annotated[int, Meta(ge=1)] | Auto | None = None
    eval_samples: Annotated[int, Meta(ge=1)] | Auto | None = None
    reasoning_effort: Literal["default", "low", "medium", "high"] | None = None


class Supervised(msgspec.Struct, forbid_unknown_fields=True):
    hyperparameters: Hyperparameters | None = None


class Dpo(msgspec.Struct, forbid_unknown_fields=True):
    hyperparameters: DpoHyperparameters | None = None


class Reinforcement(msgspec.Struct, forbid_unknown_fields=True):
    grader: dict[str, Any]
    hyperparameters: ReinforcementHyperparameters | None = None


class Method(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: Supervised | None = None
    dpo: Dpo | None = None
    reinforcement: Reinforcement | None = None


class CreateJob(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /fine_tuning/jobs`; `hyperparameters` is the old top-level form."""

    model: str
    training_file: str
    validation_file: str | None = None
    hyperparameters: Hyperparameters | None = None
    method: Method | None = None
    suffix: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    metadata: dict[str, str] | None = None
    integrations: list[dict[str, Any]] | None = None

    @property
    def method_type(self) -> Literal["supervised", "dpo", "reinforcement"]:
        return self.method.type if self.method else "supervised"

    @property
    def grader(self) -> dict[str, Any] | None:
        chosen = self.method.reinforcement if self.method else None
        return chosen.grader if chosen else None

    @property
    def hyperparameter_values(self) -> dict[str, Any]:
        """The requested hyperparameters, from either place in the body."""
        chosen: Hyperparameters | None = self.hyperparameters
        if self.method:
            section: Supervised | Dpo | Reinforcement | None = getattr(
                self.method, self.method.type
            )
            chosen = (section.hyperparameters if section else None) or chosen
        return msgspec.to_builtins(chosen) if chosen else {}
