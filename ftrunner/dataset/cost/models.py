"""What is known of base models: their vocabulary, and where examples are cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

# What follows a base model's name where the name of a version, a variant or a tuned model goes on.
_VARIANT = re.compile(r"[-:/@]|$")
_SNAPSHOT = re.compile(r"-\d{4}\b|[:/@]|$")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts about a base model; None where none are published."""

    encoding: str | None = None
    example_tokens: int | None = None


def facts(model: str) -> ModelFacts:
    """What `models.yaml` knows of `model`, a base model or a tuned one (`ft:base:…`)."""
    known = [name for name in _table() if _follows(model, name, _VARIANT)]
    return ModelFacts(**_table()[max(known, key=len)]) if known else ModelFacts()


def is_snapshot(model: str, name: str) -> bool:
    """Whether `model` is `name` itself or one of its dated versions, or was tuned from these.

    A variant such as `gpt-4.1-mini` is none of `gpt-4.1`.
    """
    return _follows(model, name, _SNAPSHOT)


def _follows(model: str, name: str, ending: re.Pattern[str]) -> bool:
    base = model.removeprefix("ft:")
    return base.startswith(name) and ending.match(base, len(name)) is not None


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("models.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = yaml.load(text, Loader=yaml.CSafeLoader)["models"]
    return table
