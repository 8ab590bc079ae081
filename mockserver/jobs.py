"""Fine-tuning jobs: making them, changing them, storing what their end leaves behind."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import Any, Literal

from mockserver.dataset import survey
from mockserver.errors import bad_request, no_such_job
from mockserver.provider import Provider
from mockserver.records import Change, Fate, File, Job, Refusal, TrainingData
from mockserver.results import FILENAME, results_csv
from mockserver.rules.creation import CreateJob
from mockserver.training import (
    auto_batch_size,
    auto_epochs,
    pace_for,
    state_at,
    steps_for,
)

ORGANISATION = "personal"
AUTO_LEARNING_RATE_MULTIPLIER = 2.0


async def create_job(
    provider: Provider,
    request: CreateJob,
    owner: str,
    *,
    training: File,
    validation: File | None,
    fate: Fate,
) -> Job:
    """Store a new job; its files are measured now, in a thread, and judged on the clock."""
    blobs = provider.store.blobs
    data, refusal = await asyncio.to_thread(
        survey,
        blobs.path(training.content),
        blobs.path(validation.content) if validation else None,
        method=request.method_type,
        model=request.model,
        tokens=provider.tokens,
    )
    job = _new_job(provider, request, owner, training, data, refusal, fate)
    provider.store.jobs.add(job)
    return job


def _new_job(
    provider: Provider,
    request: CreateJob,
    owner: str,
    training: File,
    data: TrainingData,
    refusal: Refusal | None,
    fate: Fate,
) -> Job:
    resolved = resolve(request.hyperparameter_values, data)
    steps = steps_for(data, epochs=resolved["n_epochs"], batch_size=resolved["batch_size"])
    tag = provider.ids.new("model")
    return Job(
        id=provider.ids.new("job"),
        owner=owner,
        created_at=provider.clock.now(),
        model=request.model,
        training_file=training.id,
        training_content=training.content,
        validation_file=request.validation_file,
        method=request.method_type,
        grader=request.grader,
        requested=request.hyperparameter_values,
        resolved=resolved,
        suffix=request.suffix,
        seed=provider.ids.seed() if request.seed is None else request.seed,
        metadata=request.metadata,
        integrations=request.integrations,
        tuned_model=f"ft:{request.model}:{ORGANISATION}:{request.suffix or ''}:{tag}",
        result_file=provider.ids.new("file"),
        data=data,
        refusal=refusal,
        pace=pace_for(steps, provider.settings.speed),
        fate=fate,
    )


def resolve(requested: dict[str, Any], data: TrainingData) -> dict[str, Any]:
    """The hyperparameters that training uses: each "auto" becomes a number."""
    automatic = {
        "n_epochs": auto_epochs(data.examples),
        "batch_size": auto_batch_size(data.examples),
        "learning_rate_multiplier": AUTO_LEARNING_RATE_MULTIPLIER,
    }
    chosen = {key: value for key, value in requested.items() if value not in ("auto", None)}
    return {**automatic, **chosen}


def find_job(provider: Provider, job_id: str, owner: str) -> Job:
    """The job, or a 404."""
    job = provider.store.jobs.get(job_id, owner)
    if job is None:
        raise no_such_job(job_id)
    return job


def change_job(provider: Provider, job: Job, kind: Literal["cancel", "pause", "resume"]) -> Job:
    """Cancel, pause or resume; a 400 where the job's state does not allow it."""
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


def settle(provider: Provider) -> None:
    """Store the results of every job that has ended since this was last called."""
    now = provider.clock.now()
    for job in provider.store.jobs.every(open="yes"):
        state = state_at(job, now)
        if not state.ended:
            continue
        if state.status == "succeeded":
            _store_results(provider, job, int(state.finished_at or now))
        provider.store.jobs.replace(replace(job, settled=True))


def _store_results(provider: Provider, job: Job, finished_at: int) -> None:
    content = results_csv(job, plain=provider.settings.plain_results)
    provider.store.files.add(
        File(
            id=job.result_file,
            owner=job.owner,
            created_at=finished_at,
            bytes=len(content),
            filename=FILENAME,
            purpose="fine-tune-results",
            content=provider.store.blobs.put(io.BytesIO(content)),
        )
    )


_ALLOWED_FROM: dict[str, frozenset[str]] = {
    "cancel": frozenset({"validating_files", "queued", "running", "paused"}),
    "pause": frozenset({"validating_files", "queued", "running"}),
    "resume": frozenset({"paused"}),
}
_DONE = {"cancel": "cancelled", "pause": "paused", "resume": "resumed"}
