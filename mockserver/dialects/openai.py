"""OpenAI's API, which needs no adapter."""

from __future__ import annotations

from mockserver.adapter.dialect import Dialect
from mockserver.rules.training_data import DataRules


class OpenAI(Dialect):
    data_rules = DataRules(
        source="OpenAI guide on supervised fine-tuning: at least ten examples; vision guide",
        min_examples=10,
        images=10,
        special_tokens=False,
    )


DIALECT = OpenAI
