"""A command runs inside the test's process, unless the test says why it needs one for itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--limited-rows", type=int, help="Rows to ask behind a limiter.")


@pytest.fixture(autouse=True)
def processes_have_a_reason(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Only a test with `@pytest.mark.process(why)` may start another Python, and it must."""
    marker = request.node.get_closest_marker("process")
    started: list[Any] = []
    start = subprocess.Popen.__init__

    def guarded(self: subprocess.Popen[Any], command: Any, *more: Any, **options: Any) -> None:
        if sys.executable in command:
            started.append(command)
            assert marker, "use Project.run, or say why not with @pytest.mark.process(why)"
        start(self, command, *more, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", guarded)
    yield
    if marker:
        [why] = marker.args
        assert why, "the mark `process` has no reason"
        assert started, "this test needs no mark `process`: it started none"
