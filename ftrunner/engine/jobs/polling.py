"""How often to ask: often at first, then ever less, never in step with others."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

FIRST = 1.0
FIRST_IN_REHEARSAL = 0.2  # minutes pass in seconds there
LONGEST = 30.0
GROWTH = 1.5
JITTER = 0.1


def delays(random: Random, first: float = FIRST) -> Iterator[float]:
    """Seconds to wait between polls: `first` growing to 30, each up to a tenth more or less."""
    delay = first
    while True:
        yield delay * random.uniform(1 - JITTER, 1 + JITTER)
        delay = min(delay * GROWTH, LONGEST)
