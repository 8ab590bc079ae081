"""What a command prints: for people, or with `--json` for programs. Data on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import click

from ftrunner.cli.boundary import explain
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput
from ftrunner.events import SCHEMA_VERSION, Emit
from ftrunner.render.jsonl import JsonLines, dumps


def document(kind: str, fields: Mapping[str, Any]) -> None:
    """Print one JSON document with its schema version."""
    click.echo(dumps({"schema": SCHEMA_VERSION, "document": kind, **fields}))


def report(error: FtrunnerError, *, as_json: bool, spec: Path | None = None) -> ExitCode:
    """Tell of `error` and go on; the exit code it stands for.

    `spec` is named where several specs were applied at once.
    """
    about = {} if spec is None else {"spec": str(spec)}
    if as_json:
        findings = error.findings if isinstance(error, InvalidInput) else ()
        fields = {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "exit_code": int(error.exit_code),
            "findings": [finding.as_dict() for finding in findings],
            **about,
        }
        click.echo(dumps({"schema": SCHEMA_VERSION, "event": "error", **fields}))
    if spec is not None:
        click.echo(f"{spec}:", err=True)
    explain(error)
    return error.exit_code


@contextmanager
def renderer(*, as_json: bool) -> Iterator[Emit]:
    """What events of a run are shown with."""
    if as_json:
        yield JsonLines(sys.stdout)
        return
    from ftrunner.render.console import terminal  # noqa: PLC0415 - rich is slow to import

    shown = terminal(sys.stdout)
    try:
        yield shown
    finally:
        shown.close()


@contextmanager
def lanes(specs: Sequence[Path], *, as_json: bool) -> Iterator[Callable[[Path], Emit]]:
    """What the events of several runs at once are shown with: a renderer for each spec."""
    if as_json:
        lock = Lock()
        yield lambda path: JsonLines(sys.stdout, lock=lock, about={"spec": str(path)})
        return
    from ftrunner.render.console import board  # noqa: PLC0415 - rich is slow to import

    with board(sys.stdout, [str(path) for path in specs]) as shown:
        yield lambda path: shown.lane(str(path))
