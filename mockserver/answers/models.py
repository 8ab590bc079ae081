"""Which models exist at a moment, and what each of them answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.answers.catalog import BASE_MODELS
from mockserver.data.records import Job
from mockserver.http.errors import no_such_model
from mockserver.jobs.events import checkpoints_at
from mockserver.jobs.training import state_at, steps_per_epoch, total_steps
from mockserver.learning import TrainedModel, base_answer
from mockserver.provider import Provider
from mockserver.rules.chat import ChatRequest

_CHECKPOINT = ":ckpt-step-"


async def answers(provider: Provider, asked: ChatRequest, owner: str) -> list[Mapping[str, Any]]:
    """An assistant message for each choice asked for; a 404 where there is no such model yet."""
    seeds = range(asked.seed or 0, (asked.seed or 0) + (asked.n or 1))
    if asked.model in BASE_MODELS:
        return [base_answer(asked.messages, model=asked.model, seed=seed) for seed in seeds]
    trained = provider.learners.serving(owner, asked.model)
    if trained is None:
        trained = await _tuned(provider, asked.model, owner)
        provider.learners.serve(owner, asked.model, trained)
    return [trained.answer(asked.messages, seed=seed) for seed in seeds]


async def _tuned(provider: Provider, model: str, owner: str) -> TrainedModel:
    job, step = find_tuned(provider, model, owner)
    content = provider.store.blobs.path(job.training_content)
    trained = await provider.learners.learned(job, content)
    find_tuned(provider, model, owner)  # meanwhile it may have been deleted
    return trained.at(step / steps_per_epoch(job))


def find_tuned(provider: Provider, model: str, owner: str) -> tuple[Job, int]:
    """The job that made a tuned model, and the step it stands for; a 404 otherwise."""
    now = provider.clock.now()
    job = provider.store.jobs.find(owner, model=model)
    if job is None and _CHECKPOINT in model:
        return _of_checkpoint(provider, model, owner)
    if job is None or job.model_deleted or not is_served(job, now):
        raise no_such_model(model)
    return job, total_steps(job)


def _of_checkpoint(provider: Provider, name: str, owner: str) -> tuple[Job, int]:
    """The job and the step of a checkpoint, which has a name that says nothing of its job."""
    now = provider.clock.now()
    for job in provider.store.jobs.every():
        if job.owner != owner or job.model_deleted:
            continue
        for point in checkpoints_at(job, now):
            if point.model == name:
                return job, point.metrics.step
    raise no_such_model(name)


def is_served(job: Job, now: float) -> bool:
    """Whether the job's model answers: some providers take a while after success."""
    state = state_at(job, now)
    if state.status != "succeeded" or state.finished_at is None:
        return False
    return now >= state.finished_at + job.fate.served_after
