"""Tuned models in memory: trained from a job's file when first asked, a few kept."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TypeVar

from mockserver.dataset import read_examples
from mockserver.learning import TrainedModel, train
from mockserver.records import Job

CAPACITY = 8

K = TypeVar("K")


class Learners:
    """What was learned, by job, and the models that are known to answer, by name.

    Both are bounded. A model that has answered once is looked up here alone: training cannot
    be undone, only the model deleted, which calls `forget`.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._learned: OrderedDict[str, TrainedModel] = OrderedDict()
        self._serving: OrderedDict[tuple[str, str], TrainedModel] = OrderedDict()

    def serving(self, owner: str, model: str) -> TrainedModel | None:
        """The model of this name, if it has answered this owner before."""
        return self._serving.get((owner, model))

    def serve(self, owner: str, model: str, trained: TrainedModel) -> None:
        _keep(self._serving, (owner, model), trained, self._capacity)

    def learned(self, job: Job) -> TrainedModel | None:
        """What the job's training led to, if it is in memory."""
        return self._learned.get(job.id)

    def keep(self, job: Job, trained: TrainedModel) -> None:
        _keep(self._learned, job.id, trained, self._capacity)

    def forget(self) -> None:
        """Forget everything, because something was deleted."""
        self._learned.clear()
        self._serving.clear()


def learn(job: Job, content: Path) -> TrainedModel:
    """Train a job's model from its file; takes seconds where examples are many."""
    epochs = float(job.resolved["n_epochs"])
    return train(read_examples(content), epochs=epochs, seed=job.seed)


def _keep(kept: OrderedDict[K, TrainedModel], key: K, model: TrainedModel, capacity: int) -> None:
    kept[key] = model
    while len(kept) > capacity:
        kept.popitem(last=False)
