"""docs/evaluation.md says what the statistics compute, and shows what the example's spec says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ftrunner.evaluation.statistics.power import (
    fewest_passing,
    fewest_without_change,
    smallest_difference,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"^[\d,.]+")


def rows_of_table(head: str) -> list[list[str]]:
    """The cells of the table whose first column has this head."""
    table = PAGE.partition(f"| {head} |")[2].partition("\n\n")[0]
    return [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def number(cell: str) -> float | None:
    found = NUMBER.match(cell)
    return float(found[0].replace(",", "")) if found else None


def test_the_rows_for_a_margin_are_those_of_the_plan() -> None:
    table = rows_of_table("to show that it is not worse by more than")

    assert len(table) == 5
    for margin, rows in table:
        assert fewest_without_change((number(margin) or 0) / 100) == number(rows)


def test_the_rows_for_a_share_are_those_of_the_plan() -> None:
    table = rows_of_table("to show that at least so many answers are right")

    assert len(table) == 4
    for share, rows in table:
        assert fewest_passing((number(share) or 0) / 100) == number(rows)


def test_the_differences_that_are_found_are_those_of_the_plan() -> None:
    table = rows_of_table("rows")

    assert len(table) == 5
    for rows, *differences in table:
        for share, shown in zip((0.1, 0.2, 0.4), differences, strict=True):
            found = smallest_difference(int(number(rows) or 0), share)
            seen = number(shown)
            assert (found is None) is (seen is None)
            assert seen is None or 100 * (found or 0) == pytest.approx(seen, abs=0.06)


def test_the_spec_shown_is_a_part_of_the_example() -> None:
    shown = yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])["tests"]
    spec = yaml.safe_load((ROOT / "specs" / "tickets.yaml").read_text(encoding="utf-8"))["tests"]

    assert shown["gates"] == spec["gates"]
    assert shown["against"] == spec["against"]
    assert shown["sets"]["tickets"].items() <= spec["sets"]["tickets"].items()
