"""Creates, finds and changes fine-tuning jobs."""

from __future__ import annotations

import asyncio
import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from mockserver.answers.models import offered
from mockserver.data.dataset import Survey, survey
from mockserver.data.files import find_file
from mockserver.data.records import Change, File, Job, TrainingData
from mockserver.dialects import find_dialect
from mockserver.http.errors import bad_request, no_such_job
from mockserver.jobs.training import (
    auto_batch_size,
    auto_epochs,
    moment_of,
    pace_for,
    state_at,
    steps_for,
    total_work,
)
from mockserver.provider import Provider
from mockserver.rules.creation import Proposal, check_creation
from mockserver.rules.job_request import CreateJob

ORGANISATION = "personal"
AUTO_LEARNING_RATES = {"gpt-4o-mini": 1.8, "gpt-4.1-nano": 1.0}
AUTO_LEARNING_RATE = 2.0
"""The values for `auto` in recorded jobs, by the model's name or prefix; 2 for all others."""
AUTO_REINFORCEMENT = {
    "reasoning_effort": "medium",
    "compute_multiplier": 1.0,
    "eval_interval": 5,
    "eval_samples": 1,
}
"""A guess: no recording shows the values of the service."""
MAX_RETRY_AFTER = 60


@dataclass(frozen=True, slots=True)
class JobFiles:
    """The files in a request for a job."""

    training: File
    validation: File | None


async def create_job(provider: Provider, asked: CreateJob, owner: str) -> Job:
    """Store a new job, or raise the provider's refusal.

    The files are measured now, in a thread. The result of validation is fixed here, and shown when
    the clock has reached the end of that phase.
    """
    files = find_files(provider, asked, owner)
    check_creation(_proposal(provider, asked, owner, files))
    surveyed = await asyncio.to_thread(survey_files, provider, asked, files)
    # Other requests were served meanwhile: a file may be deleted, the limit of jobs reached.
    files = find_files(provider, asked, owner)
    check_creation(_proposal(provider, asked, owner, files))
    job = draft_job(provider, asked, owner, files, surveyed)
    provider.store.jobs.add(job)
    return job


def find_files(provider: Provider, asked: CreateJob, owner: str) -> JobFiles:
    """The request's files, or a 404 for a missing one."""
    training = find_file(provider, asked.training_file, owner, param="training_file")
    if not asked.validation_file:
        return JobFiles(training, None)
    return JobFiles(
        training, find_file(provider, asked.validation_file, owner, param="validation_file")
    )


def survey_files(provider: Provider, asked: CreateJob, files: JobFiles) -> Survey:
    """Read the files; takes seconds for large ones."""
    blobs = provider.store.blobs
    return survey(
        blobs.path(files.training.content),
        blobs.path(files.validation.content) if files.validation else None,
        method=asked.method_type,
        model=asked.model,
        tokens=provider.tokens,
        rules=find_dialect(provider.settings.dialect).data_rules,
    )


def _proposal(provider: Provider, asked: CreateJob, owner: str, files: JobFiles) -> Proposal:
    now = provider.clock.now()
    active = [
        job
        for job in provider.store.jobs.every(open="yes")
        if job.owner == owner and not state_at(job, now).ended
    ]
    tuned = provider.store.jobs.find(owner, model=asked.model, serves="yes")
    return Proposal(
        asked=asked,
        training=files.training,
        validation=files.validation,
        base=offered(provider, asked.model, owner),
        known_tuned_model=tuned is not None,
        active_jobs=len(active),
        max_active_jobs=provider.settings.max_active_jobs,
        retry_after=_seconds_until_free(active, now),
    )


def _seconds_until_free(active: list[Job], now: float) -> int:
    """Seconds until the first job is expected to end, at most a minute."""
    ends = [moment_of(job, total_work(job.pace)) for job in active]
    return max(1, math.ceil(min([*ends, now + MAX_RETRY_AFTER]) - now))


def draft_job(
    provider: Provider, asked: CreateJob, owner: str, files: JobFiles, surveyed: Survey
) -> Job:
    """A new job, not stored yet."""
    data = surveyed.data
    resolved = resolve(asked, data)
    steps = steps_for(data, epochs=resolved["n_epochs"], batch_size=resolved["batch_size"])
    pace = pace_for(steps, provider.settings.speed)
    outcome = provider.faults.next_outcome(pace, provider.settings.speed)
    base = asked.model.removeprefix("ft:").partition(":")[0]
    tag = provider.ids.new("model")
    job_id = provider.ids.new("job")
    return Job(
        id=job_id,
        owner=owner,
        created_at=provider.clock.now() + outcome.created_after,
        model=asked.model,
        training_file=files.training.id,
        training_content=files.training.content,
        inputs=_inputs(asked, files),
        validation_file=asked.validation_file,
        method=asked.method_type,
        grader=asked.grader,
        requested=asked.hyperparameter_values,
        resolved=resolved,
        suffix=asked.suffix,
        seed=provider.ids.seed() if asked.seed is None else asked.seed,
        metadata=asked.metadata,
        integrations=_integrations(asked, job_id),
        tuned_model=f"ft:{base}:{ORGANISATION}:{asked.suffix or ''}:{tag}",
        result_file=provider.ids.new("file"),
        data=data,
        refusal=surveyed.refusal,
        pace=pace,
        outcome=outcome,
        null_error=provider.settings.null_error,
    )


def _integrations(asked: CreateJob, job_id: str) -> list[dict[str, Any]] | None:
    """The integrations with all fields; the W&B run has the job's id."""
    if asked.integrations is None:
        return None
    unset = dict.fromkeys(("entity", "name", "tags"))
    return [
        {**each, "wandb": {**unset, **each["wandb"], "run_id": job_id}}
        for each in asked.integrations
    ]


def _inputs(asked: CreateJob, files: JobFiles) -> str:
    deciding = [
        asked.model,
        asked.method_type,
        asked.grader,
        asked.hyperparameter_values,
        asked.seed,
        asked.suffix,
        files.training.digest,
        files.validation.digest if files.validation else None,
    ]
    return hashlib.sha256(msgspec.json.encode(deciding, order="deterministic")).hexdigest()


def resolve(asked: CreateJob, data: TrainingData) -> dict[str, Any]:
    """The hyperparameters for training; each "auto" becomes a number."""
    automatic = {
        "n_epochs": auto_epochs(data.examples),
        "batch_size": auto_batch_size(data.examples),
        "learning_rate_multiplier": _auto_learning_rate(asked.model),
        **(AUTO_REINFORCEMENT if asked.method_type == "reinforcement" else {}),
    }
    requested = asked.hyperparameter_values
    chosen = {key: value for key, value in requested.items() if value not in ("auto", None)}
    return {**automatic, **chosen}


def _auto_learning_rate(model: str) -> float:
    base = model.removeprefix("ft:")
    found = (rate for name, rate in AUTO_LEARNING_RATES.items() if base.startswith(name))
    return next(found, AUTO_LEARNING_RATE)


def find_job(provider: Provider, job_id: str, owner: str) -> Job:
    """The job, or a 404; also a 404 while its record lags behind its creation."""
    job = provider.store.jobs.get(job_id, owner)
    if job is None or provider.clock.now() < job.created_at + job.outcome.shown_after:
        raise no_such_job(job_id)
    return job


def is_listed(job: Job, now: float) -> bool:
    """Whether the list of jobs includes the job yet."""
    return now >= job.created_at + job.outcome.listed_after


def change_job(provider: Provider, job: Job, kind: Literal["cancel", "pause", "resume"]) -> Job:
    """Cancel, pause or resume; a 400 if the job's status does not allow it."""
    now = provider.clock.now()
    status = state_at(job, now).status
    if status not in _ALLOWED_FROM[kind]:
        raise bad_request(
            f"Job {job.id} has status '{status}', and a job in that status cannot be "
            f"{_DONE[kind]}.",
            param="fine_tuning_job_id",
            code="invalid_job_status",
        )
    changed = replace(job, changes=(*job.changes, Change(kind=kind, at=now)))
    provider.store.jobs.replace(changed)
    return changed


_ALLOWED_FROM: dict[str, frozenset[str]] = {
    "cancel": frozenset({"validating_files", "queued", "running", "paused"}),
    "pause": frozenset({"validating_files", "queued", "running"}),
    "resume": frozenset({"paused"}),
}
_DONE = {"cancel": "cancelled", "pause": "paused", "resume": "resumed"}
