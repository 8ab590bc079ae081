"""The engine asks no more than it needs: the table in docs/never-pay-twice.md is what happens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ftrunner.engine.waiting import Schedules
from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.kit.driver import apply_here

DOCS = Path(__file__).parents[2] / "docs" / "never-pay-twice.md"
KINDS = {
    "list jobs": r"GET /fine_tuning/jobs",
    "list files": r"GET /files",
    "check file": r"GET /files/[^/]+",
    "upload": r"POST /files",
    "create": r"POST /fine_tuning/jobs",
    "look at model": r"GET /models/.+",
    "poll": r"GET /fine_tuning/jobs/[^/]+",
    "events": r"GET /fine_tuning/jobs/[^/]+/events",
    "results": r"GET /files/[^/]+/content",
    "ask": r"POST /chat/completions",
}
FEW_EVENTS = {"hyperparameters": {"n_epochs": 3}}  # they fit on one page


def table() -> dict[str, dict[str, str]]:
    """The table's rows by their first cell; each a mapping of kind to its cell."""
    _, _, rest = DOCS.read_text(encoding="utf-8").partition("## How many requests")
    lines = [line for line in rest.partition("##")[0].splitlines() if line[:1] == "|"]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, _, *body = rows
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in body}


def edit(spec: Path, file: str, old: str, new: str) -> None:
    path = spec.with_name(file)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


SHORT_JOB = "the next look, after a job of seconds"
CHANGES: dict[str, Callable[[Path], None] | None] = {
    "first apply": None,
    "nothing to do": lambda _: None,
    SHORT_JOB: lambda _: None,
    "a test changed": lambda spec: edit(spec, "stories.yaml", "蓝鲸", "长颈鹿"),
    "a setting changed": lambda spec: edit(spec, "stories.yaml", '"n_epochs": 3', '"n_epochs": 4'),
    "the data changed": lambda spec: edit(spec, "data.jsonl", "小狗", "小象"),
    "the lock file was lost": lambda spec: spec.with_suffix(".lock.json").unlink(),
}


def test_the_table_has_every_path_and_every_kind() -> None:
    assert list(table()) == list(CHANGES)
    assert all(list(row) == list(KINDS) for row in table().values())


@pytest.mark.parametrize("path", CHANGES)
def test_a_path_makes_the_requests_of_the_table(mock: FtMock, spec_in: MakeSpec, path: str) -> None:
    spec = spec_in(**FEW_EVENTS)
    change = CHANGES[path]
    before = 0
    if change:
        apply_here(spec, mock).expect(0)
        mock.advance(Schedules().list_lag)
        if path != SHORT_JOB:
            apply_here(spec, mock).expect(0)
        change(spec)
        before = len(mock.requests)

    apply_here(spec, mock).expect(0)

    made = counted([f"{r['method']} {r['path']}" for r in mock.requests[before:]])
    assert made == {kind: number(cell, made["poll"]) for kind, cell in table()[path].items()}


def number(cell: str, polls: int) -> int:
    """What a cell such as `p + 3` says where there were `polls` polls."""
    return sum(polls if term == "p" else int(term) for term in cell.split(" + "))


def counted(made: list[str]) -> dict[str, int]:
    """How many of each kind; one of no kind is an error."""
    kinds = Counter(
        next(kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, request))
        for request in made
    )
    return {kind: kinds[kind] for kind in KINDS}
