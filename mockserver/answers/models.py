"""Which models exist at a given time, and their answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mockserver.answers.catalog import BASE_MODELS, BaseModel
from mockserver.answers.chat import AS_IT_IS
from mockserver.answers.judge import JUDGE, read_case, verdict
from mockserver.data.records import Job
from mockserver.http.errors import no_such_model
from mockserver.jobs.events import epochs_at
from mockserver.jobs.training import state_at, steps_per_epoch, total_steps
from mockserver.learning import Model, TrainedModel, UntrainedModel
from mockserver.provider import Provider
from mockserver.rules.chat import ChatRequest

_CHECKPOINT = ":ckpt-step-"
_DATE = re.compile(r"-\d{4}(-\d{2}-\d{2})?$")


async def answers(provider: Provider, asked: ChatRequest, owner: str) -> list[Mapping[str, Any]]:
    """An assistant message for each requested choice; a 404 if the model does not exist yet."""
    if asked.model == JUDGE:
        return [_judged(provider, asked)] * (asked.n or 1)
    name = _answering(provider, asked.model, owner)
    model = ready_model(provider, name, owner) or await _find_model(provider, name, owner)
    return ask(provider, model, asked, owner)


def ready_model(provider: Provider, name: str, owner: str) -> Model | None:
    """The model, if it answers without a lookup: one of the catalog, or one that has answered."""
    return UntrainedModel(name) if name in BASE_MODELS else provider.learners.serving(owner, name)


def ask(
    provider: Provider, model: Model, asked: ChatRequest, owner: str
) -> list[Mapping[str, Any]]:
    """The model's message for each requested choice."""
    roll, temperature = provider.sampling.roll(asked, owner), asked.temperature or 0.0
    first = asked.seed or 0
    return [
        model.answer(asked.messages, seed=seed, temperature=temperature, roll=roll)
        for seed in range(first, first + (asked.n or 1))
    ]


def _judged(provider: Provider, asked: ChatRequest) -> Mapping[str, Any]:
    case = read_case(asked.messages)
    habit = provider.faults.habit(min(case.scores))
    content = verdict(case, asked.response_format, habit)
    return {"role": "assistant", "content": content, AS_IT_IS: True}


def _answering(provider: Provider, name: str, owner: str) -> str:
    """The model that answers for a name; a scenario may substitute another."""
    is_base = name in BASE_MODELS
    twin = provider.faults.twin(name, is_base=is_base) if provider.faults.twins else None
    if twin is None:
        return name
    return twin.answers_as or _newest_of(provider, name, owner) or name


def _newest_of(provider: Provider, base: str, owner: str) -> str | None:
    """The newest model tuned from a base model or a dated version of it."""
    now = provider.clock.now()
    tuned = [
        job
        for job in provider.store.jobs.every()
        if job.owner == owner and _is_tuned_from(job, base) and is_served(job, now)
    ]
    newest = max(tuned, key=lambda job: job.created_at, default=None)
    return newest.tuned_model if newest else None


def _is_tuned_from(job: Job, base: str) -> bool:
    return not job.model_deleted and _DATE.sub("", job.model) == _DATE.sub("", base)


def offered(provider: Provider, model: str, owner: str) -> BaseModel | None:
    """The base model with this name, from the catalog or the fixtures."""
    return BASE_MODELS.get(model) or provider.store.models.get(model, owner)


async def _find_model(provider: Provider, model: str, owner: str) -> Model:
    """A model of the fixtures, or a tuned one, which is trained now if it has not answered yet."""
    if offered(provider, model, owner):
        return UntrainedModel(model)
    trained = await _tuned(provider, model, owner)
    provider.learners.serve(owner, model, trained)
    return trained


async def _tuned(provider: Provider, model: str, owner: str) -> TrainedModel:
    job, step = find_tuned(provider, model, owner)
    content = provider.store.blobs.path(job.training_content)
    trained = await provider.learners.learned(job, content)
    find_tuned(provider, model, owner)  # it may have been deleted meanwhile
    return trained.at(useful_epochs(job, step / steps_per_epoch(job)))


def useful_epochs(job: Job, epochs: float) -> float:
    """The number of epochs the model remembers; it decreases after the best epoch."""
    best = job.outcome.best_epoch
    return epochs if best is None else max(0.0, min(epochs, 2 * best - epochs))


def find_tuned(provider: Provider, model: str, owner: str) -> tuple[Job, int]:
    """The job and the step of a tuned model; a 404 if it does not exist."""
    now = provider.clock.now()
    job = provider.store.jobs.find(owner, model=model)
    if job is None and _CHECKPOINT in model:
        return _of_checkpoint(provider, model, owner)
    if job is None or job.model_deleted or not is_served(job, now):
        raise no_such_model(model)
    return job, total_steps(job)


def _of_checkpoint(provider: Provider, name: str, owner: str) -> tuple[Job, int]:
    """The job and the step of a checkpoint, whose name does not identify the job."""
    now = provider.clock.now()
    for job in provider.store.jobs.every():
        if job.owner != owner or job.model_deleted or state_at(job, now).status != "succeeded":
            continue
        for point in epochs_at(job, now):
            if point.model == name:
                return job, point.metrics.step
    raise no_such_model(name)


def is_served(job: Job, now: float) -> bool:
    """Whether the job's model can be used; some providers need time after success."""
    state = state_at(job, now)
    if state.status != "succeeded" or state.finished_at is None:
        return False
    return now >= state.finished_at + job.outcome.served_after
