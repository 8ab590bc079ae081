"""Tuned models in memory: trained from a job's file when first asked, a few kept."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from mockserver.dataset import read_examples
from mockserver.learning import TrainedModel, train
from mockserver.records import Job
from mockserver.training import steps_per_epoch

CAPACITY = 8


class Learners:
    """A bounded cache of trained models, by job and step."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._models: OrderedDict[tuple[str, int], TrainedModel] = OrderedDict()

    def kept(self, job: Job, step: int) -> TrainedModel | None:
        """The model as it was after `step`, if it is in memory."""
        key = (job.id, step)
        if key in self._models:
            self._models.move_to_end(key)
        return self._models.get(key)

    def learn(self, job: Job, step: int, content: Path) -> TrainedModel:
        """Train the model from its file; takes seconds where examples are many."""
        epochs = step / steps_per_epoch(job)
        model = train(read_examples(content), epochs=epochs, seed=job.seed)
        self._models[job.id, step] = model
        while len(self._models) > self._capacity:
            self._models.popitem(last=False)
        return model

    def forget(self) -> None:
        self._models.clear()
