"""Tuned models in memory: trained from a job's file when first asked, a few kept."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from mockserver.dataset import read_examples
from mockserver.learning import TrainedModel, train
from mockserver.records import Job

CAPACITY = 8


class Learners:
    """A bounded cache of what was learned, by job; each checkpoint is a view of it."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._models: OrderedDict[str, TrainedModel] = OrderedDict()

    def kept(self, job: Job) -> TrainedModel | None:
        """The job's model, if it is in memory."""
        if job.id in self._models:
            self._models.move_to_end(job.id)
        return self._models.get(job.id)

    def learn(self, job: Job, content: Path) -> TrainedModel:
        """Train the model from its file; takes seconds where examples are many."""
        epochs = float(job.resolved["n_epochs"])
        model = train(read_examples(content), epochs=epochs, seed=job.seed)
        self._models[job.id] = model
        while len(self._models) > self._capacity:
            self._models.popitem(last=False)
        return model

    def forget(self) -> None:
        self._models.clear()
