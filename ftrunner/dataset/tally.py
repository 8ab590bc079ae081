"""What a stretch of lines adds up to; stretches merge in file order, in any grouping."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from ftrunner.dataset.faults import Fault, bounded


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a stretch that belongs to one split; `tokens` is 0 where none were counted."""

    examples: int = 0
    tokens: int = 0
    billed: int = 0
    longest: int = 0
    roles: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Share) -> Share:
        return Share(
            self.examples + other.examples,
            self.tokens + other.tokens,
            self.billed + other.billed,
            max(self.longest, other.longest),
            self.roles + other.roles,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """Lines checked: how many, what each split got of them, their faults with line numbers."""

    lines: int = 0
    train: Share = field(default_factory=Share)
    validation: Share = field(default_factory=Share)
    faults: tuple[Fault, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        """This stretch followed by `other`, whose line numbers move behind this one's."""
        moved = (replace(fault, line=(fault.line or 0) + self.lines) for fault in other.faults)
        return Tally(
            self.lines + other.lines,
            self.train + other.train,
            self.validation + other.validation,
            bounded((*self.faults, *moved)),
            self.counts + other.counts,
        )
