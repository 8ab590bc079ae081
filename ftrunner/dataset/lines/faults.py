"""Faults: findings about a line before anyone knows which line of which file it is."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import PurePath
from typing import NamedTuple, Protocol, TypeVar

from ftrunner.findings import Finding, Location, Rows, Severity

# The code of a blank line.
BLANK = "FT217"
# Faults kept per code, so that a file of bad lines cannot fill the memory. All are counted.
KEPT_PER_CODE = 1000
# Faults of one kind that are reported for one line: a line can be made of nothing but faults.
MOST_OF_A_LINE = 100

# In the command of a hint: the file, and the new one that the command writes.
_SOURCE, _TARGET = "SOURCE", "TARGET"

# So many lines are named in the sentence about a cause of several rows.
LINES_NAMED = 5

# What differs between two sentences about one cause: quoted values, numbers, masked secrets.
_VALUES = r"'.*'|^(?:true|false|null)\b|\S*…|-?\d[\d,.]*"
_INDEXES = r"\[\d+\]"


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

    @property
    def cause(self) -> Cause:
        return Cause.of(self.code, self.path, self.message)

    def finding(self, file: str) -> Finding:
        """The fault as a finding about `file`."""
        place = Location(file, self.line, self.column, self.path)
        hint = self.hint and self.hint.replace(_SOURCE, shlex.quote(file)).replace(
            _TARGET, shlex.quote(_beside(file))
        )
        return Finding(self.code, self.message, place, hint, self.severity)


def _beside(file: str) -> str:
    """The name of a new file beside `file`."""
    path = PurePath(file)
    return str(path.with_name(f"{path.name.split('.')[0] or path.name}.new.jsonl"))


class Cause(NamedTuple):
    """What faults with one cause have in common, whichever line and value they are about."""

    code: str
    place: str
    sentence: str

    @classmethod
    def of(cls, code: str, path: str, message: str) -> Cause:
        return cls(code, re.sub(_INDEXES, "[]", path), re.sub(_VALUES, "…", message))


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


@dataclass(frozen=True, slots=True)
class FileRows:
    """How many lines a file has, how many of them are blank, and how many have each cause."""

    lines: int
    blank: int
    causes: Mapping[Cause, int]

    def with_(self, cause: Cause, numbers: Sequence[int]) -> Rows:
        """The rows with a cause, of which those with `numbers` are known."""
        count = max(len(numbers), self.causes.get(cause, 0))
        of = self.lines if cause.code == BLANK else self.lines - self.blank
        return Rows(count, max(of, count), tuple(numbers))


def folded(findings: Iterable[Finding], files: Mapping[str, FileRows]) -> tuple[Finding, ...]:
    """One finding for each cause that several rows of a file have; the others as they are."""
    groups: dict[object, list[Finding]] = {}
    for index, finding in enumerate(findings):
        place = finding.location
        in_file = place.line is not None and place.file in files
        cause = Cause.of(finding.code, place.path, finding.message)
        groups.setdefault((place.file, cause) if in_file else index, []).append(finding)
    return tuple(chain.from_iterable(_as_one(group, files) for group in groups.values()))


def _as_one(group: Sequence[Finding], files: Mapping[str, FileRows]) -> Sequence[Finding]:
    first = group[0]
    lines = list(dict.fromkeys(each.location.line for each in group if each.location.line))
    file = files.get(first.location.file)
    if file is None or len(lines) < 2:
        return group
    rows = file.with_(Cause.of(first.code, first.location.path, first.message), lines)
    return [replace(first, message=f"{_of_rows(rows)}: {first.message}", rows=rows)]


def _of_rows(rows: Rows) -> str:
    if rows.count >= rows.of:
        return f"all {rows.count:,} rows"
    some = ", ".join(f"{line}" for line in rows.lines[:LINES_NAMED])
    more = ", …" if rows.count > LINES_NAMED else ""
    return f"{rows.count:,} of {rows.of:,} rows (lines {some}{more})"
