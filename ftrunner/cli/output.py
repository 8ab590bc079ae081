"""What a command prints: for people, or with `--json` for programs. Data on stdout.

Each command has `-q` and `-v`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import click

from ftrunner.cli.error_output import VOLUME, Volume, print_json
from ftrunner.clock import SystemClock
from ftrunner.text import escaped, one_line

if TYPE_CHECKING:
    from ftrunner.events import Emit, Event

DOCUMENT_VERSION = 2
# Commands that print what they do; all others print what was asked for, also with -q.
_TALKATIVE = {
    *("init", "import", "mock", "validate", "apply", "test", "cancel", "verify", "drift"),
    *("adopt", "forget", "destroy", "fix", "split", "convert"),
}


def with_volume(command: click.Command) -> click.Command:
    """`command` with `-q` and `-v`."""
    act = command.callback
    if isinstance(command, click.Group):
        command.commands = {n: with_volume(each) for n, each in command.commands.items()}
    if act is None or _has_volume(command) or _only_groups(command):
        return command
    is_talkative = command.name in _TALKATIVE
    quiet = "Print errors only." if is_talkative else "Print what is asked, no more."
    options = (
        click.Option(["-q", "--quiet"], is_flag=True, help=quiet),
        click.Option(
            ["-v", "--verbose"], is_flag=True, help="Print more: causes, every training step."
        ),
    )
    command.params = [*command.params, *options]

    @wraps(act)
    def run(*arguments: Any, quiet: bool, verbose: bool, **parameters: Any) -> Any:
        if quiet and verbose:
            raise click.UsageError("-q and -v exclude each other")
        VOLUME.set(Volume.QUIET if quiet else Volume.VERBOSE if verbose else Volume.NORMAL)
        for_programs = parameters.get("as_json") or parameters.get("style", "text") != "text"
        silent = quiet and is_talkative and not for_programs
        with _nowhere() if silent else nullcontext():
            return act(*arguments, **parameters)

    command.callback = run
    return command


def _only_groups(command: click.Command) -> bool:
    return isinstance(command, click.Group) and not command.invoke_without_command


def _has_volume(command: click.Command) -> bool:
    return any(parameter.name == "quiet" for parameter in command.params)


@contextmanager
def _nowhere() -> Iterator[None]:
    """What is printed on stdout goes nowhere."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123
        yield


def document(kind: str, fields: Mapping[str, Any]) -> None:
    """Print one JSON document with its schema version."""
    print_json({"schema": DOCUMENT_VERSION, "document": kind, **fields})


@contextmanager
def renderer(*, as_json: bool) -> Iterator[Emit]:
    """What events of a run are shown with."""
    if as_json:
        from ftrunner.render.run.jsonl import JsonLines  # noqa: PLC0415 - loads all events

        yield JsonLines(sys.stdout)
        return
    from ftrunner.render.console import terminal  # noqa: PLC0415 - rich is slow to import

    shown = terminal(sys.stdout, SystemClock(), verbose=VOLUME.get() is Volume.VERBOSE)
    try:
        yield shown
    finally:
        shown.close()


@contextmanager
def meanwhile() -> Iterator[Emit]:
    """What is shown on stderr while a command that prints at its end is at work."""
    if Volume.QUIET is VOLUME.get():
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield _retries
        return
    from ftrunner.render.console import meanwhile as live  # noqa: PLC0415 - rich is slow to import

    shown = live(sys.stderr, SystemClock())
    try:
        yield shown
    finally:
        shown.close()


def _retries(event: Event) -> None:
    """That a provider is slow is reported at once."""
    from ftrunner.events import Retrying  # noqa: PLC0415 - loads all events

    if isinstance(event, Retrying):
        click.echo(f"retrying in {event.delay:.0f} s: {one_line(event.reason)}", err=True)


@contextmanager
def lanes(specs: Sequence[Path], *, as_json: bool) -> Iterator[Callable[[Path], Emit]]:
    """What the events of several runs at once are shown with: a renderer for each spec."""
    if as_json:
        from ftrunner.render.run.jsonl import JsonLines  # noqa: PLC0415 - loads all events

        lock = Lock()
        yield lambda path: JsonLines(sys.stdout, lock=lock, about={"spec": str(path)})
        return
    from ftrunner.render.console import board  # noqa: PLC0415 - rich is slow to import

    with board(sys.stdout, [escaped(str(path)) for path in specs], SystemClock()) as shown:
        yield lambda path: shown.lane(escaped(str(path)))
