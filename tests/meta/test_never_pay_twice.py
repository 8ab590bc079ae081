"""docs/never-pay-twice.md says what is: its window is the code's, its tests exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ftrunner.engine.waiting import Schedules

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "never-pay-twice.md").read_text(encoding="utf-8")
KINDS = [
    line.split(" | ")
    for line in TEXT.partition("## Every kind of failure, and its test")[2].splitlines()
    if line.startswith("| ")
][2:]
NAMED = re.findall(r"`(\w+/[\w/]+\.py)::(\w+)`", TEXT)


def test_the_window_is_the_one_that_is_looked_in() -> None:
    schedules, words = Schedules(), " ".join(TEXT.split())
    assert f"it may lag by up to {schedules.list_lag:.0f} seconds" in words
    assert f"at every poll until {schedules.list_lag:.0f} seconds have passed" in words
    assert sum(schedules.unconfirmed) == 7
    assert "four times within seven seconds" in words


def test_every_kind_names_a_test() -> None:
    assert len(KINDS) >= 7
    assert [kind for kind in KINDS if "::test_" not in kind[-1]] == []


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_named_test_exists(file: str, test: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    functions = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert test in functions
