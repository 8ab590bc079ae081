"""What becomes of one setting of a spec at another provider."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """How a setting fares."""

    CARRIED = "carried"  # as it is
    TRANSLATED = "translated"  # said otherwise, or overridden by the spec for this provider
    LOST = "lost"  # left out
    REFUSED = "refused"  # nothing is sent until the spec says it otherwise


@dataclass(frozen=True, slots=True)
class Change:
    """One setting, by its path in the spec: what it was, what it becomes, and why."""

    field: str
    fate: Fate
    before: Any
    after: Any = None
    rule: str | None = None
