"""The command line run in this process: what a process would have, and nothing left behind.

A process takes a third of a second to import what the last one imported, and must truly wait.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import _lru_cache_wrapper
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import pytest

from ftrunner.cli.main import main
from ftrunner.clock import SystemClock
from mockserver.clock import WallClock


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def run_here(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float
) -> Ended:
    """`ftrunner ARGUMENTS` in `folder`, with nothing but `environment` in its environment.

    Its streams are not a terminal, its stdin is empty, and no cache is filled by a run before. A
    command that takes longer than `timeout` seconds or leaves a thread fails the test.
    """
    out, err = _stream(), _stream()
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        _standing_in(folder, environment),
        _at_most(timeout),
        _no_thread_left(),
    ):
        _empty_caches()
        try:
            main(arguments)
        except SystemExit as stop:
            code = stop.code
    assert isinstance(code, int), f"ended with {code!r}"
    return Ended(int(code), _written(out), _written(err))


class Skipped:
    """How many seconds the test that runs has skipped so far.

    One for all tests: a mock provider may keep the clock of the test that started it.
    """

    seconds = 0.0


def skip_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no command in this process wait: what it would sleep passes at once, for it and for the
    mock providers here, which would otherwise see it ask too often.
    """

    def sleep(_: SystemClock, seconds: float) -> None:
        Skipped.seconds += seconds
        time.sleep(0)  # another thread's turn

    monkeypatch.setattr(Skipped, "seconds", 0.0)
    monkeypatch.setattr(SystemClock, "sleep", sleep)
    monkeypatch.setattr(SystemClock, "now", lambda _: time.time() + Skipped.seconds)
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: time.monotonic() + Skipped.seconds)
    monkeypatch.setattr(WallClock, "now", lambda _: time.time() + Skipped.seconds)


def _stream() -> TextIOWrapper:
    return TextIOWrapper(BytesIO(), encoding="utf-8")


def _written(stream: TextIOWrapper) -> str:
    stream.flush()
    content = stream.detach()
    assert isinstance(content, BytesIO)
    return content.getvalue().decode()


@contextmanager
def _standing_in(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Where a process begins, for the block: its folder, environment, stdin, arguments, signals."""
    before = os.getcwd(), dict(os.environ), sys.stdin, sys.argv  # noqa: PTH109 - as chdir takes it
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with open(os.devnull, encoding="utf-8") as sys.stdin:  # noqa: PTH123
            os.chdir(folder)
            _replace_environment(environment)
            sys.argv = ["ftrunner"]
            yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.chdir(before[0])
        _replace_environment(before[1])
        sys.stdin, sys.argv = before[2:]


def _replace_environment(environment: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


class TookTooLong(BaseException):
    """A command did not end; nothing in the product catches it."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in the block after `seconds`."""

    def ring(_number: int, _frame: object) -> None:
        raise TookTooLong(f"the command did not end within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _no_thread_left() -> Iterator[None]:
    """A process would go on until its last thread ends; those of servers here are daemons."""
    before = set(threading.enumerate())
    yield
    left = {thread for thread in threading.enumerate() if not thread.daemon} - before
    assert not left, f"the command left {left}"


def _empty_caches() -> None:
    """What a run before has parsed and kept is parsed again."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "ftrunner":
            for value in list(vars(module).values()):
                if isinstance(value, _lru_cache_wrapper):
                    value.cache_clear()
