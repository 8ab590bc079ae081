"""The table that `make bench` prints: what people feel, and its bounds.

Each figure is a ratio to a rival, or to a Python that does nothing, in the same run.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A ratio of ours to a rival's figure; without a bound it is only shown."""

    what: str
    ours: str
    rivals: str
    ratio: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the ratio is within its bounds."""
        is_over = self.at_most is not None and self.ratio > self.at_most
        return not is_over and (self.at_least is None or self.ratio >= self.at_least)

    def __str__(self) -> str:
        bound = "–"
        if self.at_most is not None:
            bound = f"≤ {self.at_most:g}"
        if self.at_least is not None:
            bound = f"≥ {self.at_least:g}"
        mark = "" if self.is_kept else ", missed"
        return f"| {self.what} | {self.ours} | {self.rivals} | {self.ratio:.2f} | {bound}{mark} |"


ROWS: list[Row] = []


def add(*rows: Row) -> None:
    """Add rows to the table. The run fails at its end if one of them is out of its bounds."""
    ROWS.extend(rows)


def lines() -> list[str]:
    """The table as Markdown, and what is out of its bounds."""
    head = ["| what | ours | rivals, same run | ratio | bound |", "| --- | --- | --- | --- | --- |"]
    found = missed()
    return [*head, *map(str, ROWS), *([f"missed: {'; '.join(found)}"] if found else [])]


def missed() -> list[str]:
    """What is out of its bounds."""
    return [row.what for row in ROWS if not row.is_kept]
