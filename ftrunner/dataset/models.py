"""What is known of base models: their vocabulary, and where examples are cut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts about a base model; None where nobody published them."""

    encoding: str | None = None
    example_tokens: int | None = None


def facts(model: str) -> ModelFacts:
    """What `models.yaml` knows of `model`, a base model or a tuned one (`ft:base:…`)."""
    base = model.removeprefix("ft:")
    known = [prefix for prefix in _table() if base.startswith(prefix)]
    return ModelFacts(**_table()[max(known, key=len)]) if known else ModelFacts()


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = (files(__package__) / "models.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = yaml.load(text, Loader=yaml.CSafeLoader)["models"]
    return table
