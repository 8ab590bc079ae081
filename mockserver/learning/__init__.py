"""A simulated tuned model: it answers from its training file, without a neural network.

Everything here is pure and repeatable: the same input and seed give the same output.
"""

from __future__ import annotations

from mockserver.learning.exchange import data_entropy
from mockserver.learning.model import Model, TrainedModel, UntrainedModel, base_answer, train

__all__ = ["Model", "TrainedModel", "UntrainedModel", "base_answer", "data_entropy", "train"]
