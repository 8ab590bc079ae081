"""Prints the table of a bench run."""

from __future__ import annotations

import pytest

from tests.bench import table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table.ROWS:
        terminalreporter.section("what people feel")
        for line in table.lines():
            terminalreporter.line(line)
