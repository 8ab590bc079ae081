"""A run in the log of a GitHub job: a group for each step, and annotations of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from ftrunner import events as e
from ftrunner.clock import Clock
from ftrunner.render.findings.github import as_command, as_commands
from ftrunner.render.run import board, terminal
from ftrunner.render.run.notices import notices_for_people
from ftrunner.text import one_line

# What a runner takes for a command: at the beginning of a line whatever spaces are before it, and,
# as commands were once written, anywhere.
_COMMAND = re.compile(r"(?m)^[^\S\n]*:(?=:)|#(?=#\[)")
_WORD_JOINER = "\u2060"  # invisible
_GATES = {"failed": "error", "undecided": "warning"}
_LONGEST = 500


@contextmanager
def one_run(stream: TextIO, clock: Clock, *, verbose: bool) -> Iterator[e.Emit]:
    """The text of a run, folded by step, and annotations."""
    with terminal.one_run(_inert(stream), clock, verbose=verbose) as show:
        log = _Log(show, stream)
        try:
            yield log
        finally:
            log.end_group()


@contextmanager
def several_runs(
    stream: TextIO, clock: Clock, specs: Sequence[Path]
) -> Iterator[Callable[[Path], e.Emit]]:
    """A line for each change of a run, and annotations; lines of several runs are not folded."""
    with board.several_runs(_inert(stream), clock, specs) as lane:
        yield lambda spec: _Log(lane(spec), stream, folds=False)


class _Log:
    """Shows events, and prints the commands that go with them."""

    def __init__(self, show: e.Emit, stream: TextIO, *, folds: bool = True) -> None:
        self._show = show
        self._stream = stream
        self._folds = folds
        self._in_group = False
        self._name = self._spec = ""

    def __call__(self, event: e.Event) -> None:
        if isinstance(event, e.RunStarted):
            self._name, self._spec = one_line(event.name), event.spec
        if isinstance(event, e.StepStarted | e.RunFinished):
            self.end_group()
        if isinstance(event, e.StepStarted) and self._folds:
            self._in_group = True
            self._print(as_command("group", board.headline(event) or event.step))
        self._show(event)
        for command in _annotations(event, self._name, self._spec or None):
            self._print(command)

    def end_group(self) -> None:
        """What follows is in no group."""
        if self._in_group:
            self._print(as_command("endgroup", ""))
        self._in_group = False

    def _print(self, command: str) -> None:
        self._stream.write(f"{command}\n")
        self._stream.flush()


def _annotations(event: e.Event, name: str, spec: str | None) -> Iterator[str]:
    """What is wrong where it is, else at the spec."""
    if isinstance(event, e.FindingsReported) and event.findings:
        yield as_commands(event.findings)
    elif isinstance(event, e.AnswerGiven) and not event.passed:
        title = f"{name}: {one_line(event.prompt, bound=80)} failed"
        yield as_command("error", one_line(_why(event), bound=_LONGEST), file=spec, title=title)
    elif isinstance(event, e.GateJudged) and event.result in _GATES:
        text = one_line(f"{event.claim}: {event.why}", bound=_LONGEST)
        title = f"{name}: gate {event.result}"
        yield as_command(_GATES[event.result], text, file=spec, title=title)
    for notice in notices_for_people(event):
        if notice.level == "warning":
            text = one_line(notice.text, bound=_LONGEST)
            yield as_command("warning", text, file=spec, title=name)


def _why(event: e.AnswerGiven) -> str:
    """The first expectation that the answer does not meet, and the answer."""
    missed = (check for check in event.checks if not check.passed)
    expected = (f"{check.expected}: {check.why or 'not so'}; " for check in missed)
    return f"{next(expected, '')}the answer: {one_line(event.answer, bound=200)}"


class _Inert:
    """A stream on which nothing that a model or a provider wrote is a command."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(_COMMAND.sub(rf"\g<0>{_WORD_JOINER}", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _inert(stream: TextIO) -> TextIO:
    return cast(TextIO, _Inert(stream))
