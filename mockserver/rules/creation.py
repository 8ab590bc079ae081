"""The rules for creating a fine-tuning job.

The request's type (`job_request`) checks names, types and ranges; the table here has the rules
that depend on the provider's state, in the order of checking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.answers.catalog import BaseModel
from mockserver.data.records import File
from mockserver.http.errors import WireError, bad_request
from mockserver.rules.job_request import CreateJob

CONTRACT = "OpenAI contract, CreateFineTuningJobRequest"
METADATA = "OpenAI contract, Metadata: 16 pairs, keys to 64, values to 512 characters"
SEEN = "error texts of the live service, quoted in public issues"

FINE_TUNE = "fine-tune"
MAX_PAIRS, MAX_KEY, MAX_VALUE = 16, 64, 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A request for a job, and the state that the rules check."""

    asked: CreateJob
    training: File
    validation: File | None
    base: BaseModel | None
    """The base model with this name."""
    known_tuned_model: bool
    """Whether `model` is a tuned model of this owner, which may be trained further."""
    active_jobs: int
    max_active_jobs: int
    retry_after: int
    """Seconds until one of the active jobs is expected to end."""


@dataclass(frozen=True, slots=True)
class CreationRule:
    name: str
    source: str
    refusal: Callable[[Proposal], WireError | None]


def check_creation(proposal: Proposal) -> None:
    """Raise the refusal of the first rule that fails."""
    for rule in RULES:
        refusal = rule.refusal(proposal)
        if refusal is not None:
            raise refusal


def _unknown_model(proposal: Proposal) -> WireError | None:
    base = proposal.base
    if proposal.known_tuned_model or (base is not None and base.tunable):
        return None
    return bad_request(
        f"Model {proposal.asked.model} is not available for fine-tuning or does not exist.",
        param="model",
        code="model_not_available",
    )


def _wrong_purpose(proposal: Proposal) -> WireError | None:
    for param, file in (
        ("training_file", proposal.training),
        ("validation_file", proposal.validation),
    ):
        if file is not None and file.purpose != FINE_TUNE:
            return bad_request(
                f"File '{file.id}' has purpose '{file.purpose}', but must have purpose "
                f"'{FINE_TUNE}'.",
                param=param,
                code="invalid_file_purpose",
            )
    return None


def _same_file_twice(proposal: Proposal) -> WireError | None:
    if proposal.asked.validation_file != proposal.asked.training_file:
        return None
    return bad_request(
        "The same file cannot be both the training file and the validation file.",
        param="validation_file",
        code="invalid_value",
    )


def _hyperparameters_twice(proposal: Proposal) -> WireError | None:
    if proposal.asked.hyperparameters is None or proposal.asked.method is None:
        return None
    return bad_request(
        "Only one of 'hyperparameters' and 'method' may be given.",
        param="hyperparameters",
        code="invalid_value",
    )


def _grader_missing(proposal: Proposal) -> WireError | None:
    if proposal.asked.method_type != "reinforcement" or proposal.asked.grader is not None:
        return None
    return bad_request(
        "Missing required parameter: 'method.reinforcement.grader'.",
        param="method.reinforcement.grader",
        code="missing_required_parameter",
    )


def _integration_type(proposal: Proposal) -> WireError | None:
    for number, integration in enumerate(proposal.asked.integrations or []):
        section = integration.get("wandb")
        if integration.get("type") != "wandb" or not isinstance(section, dict):
            return bad_request(
                "Invalid integration: the only type is 'wandb', with a section 'wandb'.",
                param=f"integrations[{number}]",
                code="invalid_value",
            )
        if not isinstance(section.get("project"), str):
            param = f"integrations[{number}].wandb.project"
            return bad_request(
                f"Missing required parameter: '{param}'.",
                param=param,
                code="missing_required_parameter",
            )
    return None


def _metadata(proposal: Proposal) -> WireError | None:
    return metadata_refusal(proposal.asked.metadata)


def metadata_refusal(metadata: dict[str, str] | None) -> WireError | None:
    """The refusal for this metadata, if any; also used for stored completions."""
    pairs = metadata or {}
    if len(pairs) > MAX_PAIRS:
        return bad_request(
            f"Invalid 'metadata': too many properties. Expected an object with at most "
            f"{MAX_PAIRS} properties, but got an object with {len(pairs)} properties instead.",
            param="metadata",
            code="object_above_max_properties",
        )
    for key, value in pairs.items():
        if len(key) > MAX_KEY or len(value) > MAX_VALUE:
            return bad_request(
                f"Invalid 'metadata': keys have at most {MAX_KEY} characters and values at "
                f"most {MAX_VALUE}.",
                param="metadata",
                code="string_above_max_length",
            )
    return None


def _too_many_jobs(proposal: Proposal) -> WireError | None:
    if proposal.active_jobs < proposal.max_active_jobs:
        return None
    return WireError(
        429,
        "This fine-tune request has been rate-limited. Your organization has reached the "
        f"maximum of {proposal.max_active_jobs} active requests for the model "
        f"'{proposal.asked.model}'.",
        type="requests",
        code="rate_limit_exceeded",
        headers={"retry-after": str(proposal.retry_after)},
    )


RULES: tuple[CreationRule, ...] = (
    CreationRule("unknown-model", SEEN, _unknown_model),
    CreationRule("wrong-purpose", CONTRACT, _wrong_purpose),
    CreationRule("same-file-twice", CONTRACT, _same_file_twice),
    CreationRule("hyperparameters-twice", CONTRACT, _hyperparameters_twice),
    CreationRule("grader-missing", CONTRACT, _grader_missing),
    CreationRule("integration-type", CONTRACT, _integration_type),
    CreationRule("metadata", METADATA, _metadata),
    CreationRule("too-many-jobs", SEEN, _too_many_jobs),
)
