"""A cache of tuned models, each trained from its job's file on first use."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

from mockserver.data.dataset import read_examples
from mockserver.data.records import Job
from mockserver.learning import TrainedModel, train
from mockserver.rules.examples import InvalidFileError

CAPACITY = 8

K = TypeVar("K")


class Learners:
    """Trained models by job, and models that have answered before by name.

    Both caches keep the most recently used entries. A model that has answered once is served from
    here without a lookup; deleting a model calls `forget`.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._learned: _Recent[tuple[str, str]] = _Recent(capacity)
        self._serving: _Recent[tuple[str, str]] = _Recent(capacity)
        self._training = asyncio.Lock()

    def serving(self, owner: str, model: str) -> TrainedModel | None:
        """The model with this name, if it has answered this owner before."""
        return self._serving.get((owner, model))

    def serve(self, owner: str, model: str, trained: TrainedModel) -> None:
        self._serving.keep((owner, model), trained)

    async def learned(self, job: Job, content: Path) -> TrainedModel:
        """The job's trained model; concurrent requests read its file only once."""
        # Ids repeat after a reset; content keys never do.
        key = (job.id, job.training_content)
        async with self._training:
            trained = self._learned.get(key)
            if trained is None:
                trained = await asyncio.to_thread(learn, job, content)
                self._learned.keep(key, trained)
            return trained

    def forget(self) -> None:
        """Clear both caches, because a model was deleted."""
        self._learned.clear()
        self._serving.clear()


def learn(job: Job, content: Path) -> TrainedModel:
    """Train a job's model from its file; takes seconds for many examples."""
    epochs = float(job.resolved["n_epochs"])
    return train(_learnable(content), epochs=epochs, seed=job.seed)


def _learnable(content: Path) -> Iterator[Mapping[str, Any]]:
    """The usable examples; the file of a job from fixtures may contain anything."""
    with suppress(InvalidFileError):
        yield from (each for each in read_examples(content) if isinstance(each, Mapping))


class _Recent(Generic[K]):
    """The most recently used models."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[K, TrainedModel] = OrderedDict()

    def get(self, key: K) -> TrainedModel | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: K, model: TrainedModel) -> None:
        self._kept[key] = model
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        self._kept.clear()
