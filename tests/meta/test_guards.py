"""The guards of conftest.py guard."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import NoReturn

import pytest

from ftrunner.clock import SystemClock
from ftrunner.providers import registry
from mockserver.clock import WallClock
from tests.kit import command_line
from tests.kit.project import WARNINGS, Project
from tests.kit.stories import stories


def test_a_connection_elsewhere_is_refused() -> None:
    with socket.socket() as there, pytest.raises(AssertionError, match=r"connects to 192\.0\.2\.1"):
        there.connect(("192.0.2.1", 80))


def test_a_connection_to_this_machine_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as here, socket.socket() as client:
        client.connect(here.getsockname())
        assert client.getpeername() == here.getsockname()


def test_home_is_temporary_and_no_key_is_set(private_home: Path) -> None:
    assert Path.home() == private_home
    assert not [name for name in os.environ if name.startswith("OPENAI_")]


def test_monkeypatch_may_set_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "undone before the guard looks")

    assert os.environ["OPENAI_API_KEY"]


def test_a_command_run_here_leaves_this_process_as_it_was(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    project.write(stories())
    before = _process()

    project.run("apply", "stories.yaml", "--mock", FTRUNNER_ANY="set for one run").expect(0)
    project.run("apply", "stories.yaml", "--moc").expect(2)

    assert _process() == before
    assert capfd.readouterr() == ("", "")


def _process() -> dict[str, object]:
    return {
        "folder": Path.cwd(),
        "environment": dict(os.environ),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "arguments": list(sys.argv),
        "signals": [signal.getsignal(number) for number in signal.valid_signals()],
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "threads": set(threading.enumerate()),
        "log handlers": list(logging.getLogger().handlers),
        "warning filters": list(warnings.filters),
    }


def test_a_command_run_here_has_what_a_process_would_have(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, object] = {}

    def look(_arguments: object) -> NoReturn:
        streams = (sys.stdin, sys.stdout, sys.stderr)
        seen.update(_process(), terminals=[stream.isatty() for stream in streams])
        seen.update(typed=sys.stdin.read(), cached=registry._shipped.cache_info().currsize)
        sys.exit(7)

    registry.get("openai")
    monkeypatch.setattr(command_line, "main", look)

    project.run("anything", EXTRA="1").expect(7)

    assert seen["folder"] == project.folder
    assert seen["environment"] == {**os.environ, **project.environment, "EXTRA": "1"} | {
        "PYTHONWARNINGS": WARNINGS
    }
    assert (seen["terminals"], seen["typed"], seen["cached"]) == ([False] * 3, "", 0)


def test_a_command_run_here_that_does_not_end_is_ended(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "main", lambda _: threading.Event().wait())
    started = time.monotonic()

    with pytest.raises(command_line.TookTooLong):
        command_line.run_here((), folder=project.folder, environment=os.environ, timeout=0.05)

    assert time.monotonic() - started < 30


def test_a_command_run_here_may_leave_no_thread(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = threading.Event()
    monkeypatch.setattr(command_line, "main", lambda _: _forget_a_thread(end))

    try:
        with pytest.raises(AssertionError, match="left"):
            project.run("anything")
    finally:
        end.set()


def _forget_a_thread(end: threading.Event) -> NoReturn:
    threading.Thread(target=end.wait).start()
    sys.exit(0)


def test_where_a_command_here_sleeps_time_passes_at_once(project: Project) -> None:
    clock, server = SystemClock(), WallClock()
    before = time.monotonic(), clock.now(), clock.monotonic(), server.now()

    clock.sleep(3600)

    assert time.monotonic() - before[0] < 60
    passed = (clock.now() - before[1], clock.monotonic() - before[2], server.now() - before[3])
    assert all(3600 <= seconds < 3660 for seconds in passed)
