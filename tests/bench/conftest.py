"""Prints the table of a bench run, whole, and fails the run if a row is out of its bounds."""

from __future__ import annotations

import pytest

from tests.bench import table


def pytest_sessionfinish(session: pytest.Session) -> None:
    if table.missed() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table.ROWS:
        terminalreporter.section("what people feel")
        for line in table.lines():
            terminalreporter.line(line)
