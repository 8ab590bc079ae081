"""What a command prints: for people, or with `--json` for programs. Data on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from ftrunner.cli.boundary import explain
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput
from ftrunner.events import SCHEMA_VERSION, Emit
from ftrunner.render.jsonl import JsonLines, dumps


def document(kind: str, fields: Mapping[str, Any]) -> None:
    """Print one JSON document with its schema version."""
    click.echo(dumps({"schema": SCHEMA_VERSION, "document": kind, **fields}))


def report(error: FtrunnerError, *, as_json: bool) -> ExitCode:
    """Tell of `error` and go on; the exit code it stands for."""
    if as_json:
        findings = error.findings if isinstance(error, InvalidInput) else ()
        fields = {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "exit_code": int(error.exit_code),
            "findings": [finding.as_dict() for finding in findings],
        }
        click.echo(dumps({"schema": SCHEMA_VERSION, "event": "error", **fields}))
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
