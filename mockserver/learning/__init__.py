"""A model that has learned its training file, without a model: memory, alignment, carry-over.

Everything here is pure: values in, values out, the same for the same seed.
"""

from __future__ import annotations

from mockserver.learning.base import base_answer
from mockserver.learning.entropy import data_entropy
from mockserver.learning.model import TrainedModel, train

__all__ = ["TrainedModel", "base_answer", "data_entropy", "train"]
