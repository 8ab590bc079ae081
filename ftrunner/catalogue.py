"""Every code of a finding, explained: what it means, why it happens, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `ftrunner explain CODE` prints. `example` is what leads to the finding."""

    code: str
    title: str
    cause: str
    fix: str
    example: str


def explain(code: str) -> Explanation | None:
    """The explanation of `code`, in capital or small letters; None for an unknown one."""
    return _catalogue().get(code.upper())


def codes() -> tuple[str, ...]:
    """All codes there are, sorted."""
    return tuple(_catalogue())


@cache
def _catalogue() -> dict[str, Explanation]:
    text = Path(__file__).with_name("codes.yaml").read_text(encoding="utf-8")
    entries = yaml.load(text, Loader=yaml.CSafeLoader)  # a safe loader, in C
    return {code: Explanation(code, **entry) for code, entry in entries.items()}
