"""Thousands of rows: killed and taken up again, and against a limiter."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import ANIMALS, stories
from tests.kit.verdict import insist_on_clean_verdict

ROWS = 2_000
WORKERS = 16
FEW_ROWS = 120


def large(base_url: str, rows: int, **tests: Any) -> dict[str, Any]:
    """A project with a set of so many rows that no training example has."""
    lines = (
        json.dumps({"user": f"请讲{ANIMALS[n % len(ANIMALS)]}的故事 {n}", "answer": str(n)})
        for n in range(rows)
    )
    sets = {"animals": {"file": "rows.jsonl", "expect": [{"min_chars": 1}]}}
    run = {"concurrency": WORKERS}
    changes = {"tests": {"run": run, "sets": sets, "against": ["base"], **tests}}
    return {**stories(base_url=base_url, **changes), "rows.jsonl": "\n".join(lines)}


@pytest.fixture
def trained(project: Project, provider: MockServer) -> Project:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    return project


def stored(project: Project) -> Iterator[tuple[str, str]]:
    """Which answers are stored: of which model, and the key of the question."""
    for path in (project.folder / ".ftrunner" / "answers").rglob("*.jsonl"):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                yield path.name, json.loads(line)["key"]


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


@pytest.mark.process("a signal stops it")
def test_a_killed_test_asks_no_row_again(trained: Project, provider: MockServer) -> None:
    mock = FtMock(provider.origin)
    before = answered(mock)
    trained.write(large(provider.base_url, ROWS))

    with trained.start("test", "stories.yaml") as process:
        _until(lambda: len(set(stored(trained))) >= 1_500)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    killed_at = set(stored(trained))
    trained.run_process("test", "stories.yaml").expect(0)
    done = answered(mock)
    trained.run_process("test", "stories.yaml").expect(0)

    assert len(killed_at) >= 1_500
    assert done - before <= 2 * ROWS + WORKERS
    assert len(list(stored(trained))) == len(set(stored(trained))) == 2 * ROWS + 1
    assert answered(mock) == done


@pytest.mark.process("its workers wait in real time")
def test_all_answers_are_there_in_the_end_behind_a_limiter(
    trained: Project, provider: MockServer, request: pytest.FixtureRequest
) -> None:
    """With few refusals. `--limited-rows 2000` takes as many as the test above, and holds the pace
    by the clock, on a machine that does nothing else; `tests/unit/api/test_throttle.py` holds it
    by a virtual clock.
    """
    rows = request.config.getoption("limited_rows", None) or FEW_ROWS
    mock = FtMock(provider.origin)
    before = answered(mock)
    trained.write(large(provider.base_url, rows))
    match = {"method": "POST", "path": "/chat/completions"}
    a_minute = max(3_000, 6 * rows)
    limit = {"match": match, "requests_per_minute": a_minute}
    mock.scenario({"name": "limited", "description": "So many a second.", "limits": [limit]})

    trained.run_process("test", "stories.yaml", timeout=max(60, rows / 5)).expect(0)

    asked = chats(mock)[before:]
    refused = [chat for chat in asked if chat["status"] == 429]
    seconds = asked[-1]["real"] - asked[0]["real"]
    pace = 2 * rows / seconds * 60 / a_minute
    print(f"{pace:.0%} of the allowed pace; {len(refused)} of {len(asked)} refused")
    assert len(asked) - len(refused) == 2 * rows
    assert pace >= 0.7 or rows == FEW_ROWS
    assert 0 < len(refused) <= WORKERS + 0.1 * len(asked)
    assert len(set(stored(trained))) == 2 * rows + 1
    insist_on_clean_verdict(provider)


def chats(mock: FtMock) -> list[dict[str, Any]]:
    """The provider's log of questions."""
    return [r for r in mock.requests if r["path"].endswith("/chat/completions")]


def answered(mock: FtMock) -> int:
    """How many chats the provider answered with 200."""
    return sum(chat["status"] == 200 for chat in chats(mock))
