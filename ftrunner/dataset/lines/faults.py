"""Faults: findings about a line before anyone knows which line of which file it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from ftrunner.findings import Finding, Location, Severity

# The code of a blank line.
BLANK = "FT217"
# Faults kept per code, so that a file of bad lines cannot fill the memory. All are counted.
KEPT_PER_CODE = 1000
# Faults of one kind that are told of one line: a line can be made of nothing but faults.
MOST_OF_A_LINE = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, or (`line` None) with a whole file. Lines count from 1."""

    code: str
    message: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    severity: Severity = Severity.ERROR

    def at_line(self, line: int) -> Fault:
        return replace(self, line=line)

    def finding(self, file: str) -> Finding:
        """The fault as a finding about `file`."""
        place = Location(file, self.line, self.column, self.path)
        return Finding(self.code, self.message, place, self.hint, self.severity)


class Coded(Protocol):
    """A fault or a finding: what has a code."""

    @property
    def code(self) -> str: ...


C = TypeVar("C", bound=Coded)


def bounded(faults: Iterable[C], limit: int = KEPT_PER_CODE) -> tuple[C, ...]:
    """The first `limit` of each code, in order."""
    seen: Counter[str] = Counter()
    kept = []
    for fault in faults:
        seen[fault.code] += 1
        if seen[fault.code] <= limit:
            kept.append(fault)
    return tuple(kept)
