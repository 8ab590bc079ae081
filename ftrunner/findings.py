"""Findings: what is wrong, where, why, and what to do next.

A finding is a value. Checks yield as many as they can instead of stopping at the first;
`render` decides how they look and `cli` what they mean for the exit code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ftrunner.text import escaped

SCHEMA_VERSION = 3
"""Of the events and documents that `--json` prints."""


class Severity(StrEnum):
    """How much a finding matters: an error stops the run before anything is sent."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. Lines and columns count from 1, columns in characters.

    `file` is escaped: what cannot be shown in a file's name is shown as `\\xff`.
    """

    file: str
    line: int | None = None
    column: int | None = None
    path: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "file", escaped(self.file))

    def __str__(self) -> str:
        """`specs/stories.yaml:4:11`, or `data/turbo35.jsonl:7 messages[2].role`."""
        place = ":".join(str(p) for p in (self.file, self.line, self.column) if p is not None)
        return f"{place} {self.path}" if self.path and self.column is None else place


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The source line a finding is about, already masked; the caret spans `length` characters."""

    text: str
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows of a data file have what a finding is about, of how many; `lines` are the
    numbers of the first ones.
    """

    count: int
    of: int
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause: a stable code (`ftrunner explain CODE` says more), a sentence, a place.

    Where many rows of a data file have it, `location` is the first and `rows` are all of them.
    """

    code: str
    message: str
    location: Location
    hint: str | None = None
    severity: Severity = Severity.ERROR
    excerpt: Excerpt | None = None
    rows: Rows | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def as_dict(self) -> dict[str, Any]:
        """The finding as programs read it; absent facts are null."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "hint": self.hint,
            "file": self.location.file,
            "line": self.location.line,
            "column": self.location.column,
            "path": self.location.path or None,
            "rows": asdict(self.rows) if self.rows else None,
        }


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether anything among `findings` stops the run."""
    return any(finding.is_error for finding in findings)


def json_path(parts: Iterable[str | int]) -> str:
    """`("messages", 2, "role")` as people write it: `messages[2].role`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
