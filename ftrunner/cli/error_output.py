"""Prints a failure: a sentence and a hint on stderr; with `--json` on stdout a document too."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from enum import Enum
from pathlib import Path
from typing import Any

import click

from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput
from ftrunner.findings import SCHEMA_VERSION
from ftrunner.render.fold import folded
from ftrunner.text import did_you_mean, dumps, escaped, is_unicode, printable


class Volume(Enum):
    """How much a command says."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


VOLUME: ContextVar[Volume] = ContextVar("volume", default=Volume.NORMAL)
"""That of the command that runs."""


class Group(click.Group):
    """A group of commands that names the nearest one where a command is misspelt."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message.removesuffix('.')}{near}", ctx) from error


def aside(text: str) -> None:
    """Say on stderr what helps a person, unless `-q` asks for silence."""
    if VOLUME.get() is not Volume.QUIET:
        print_folded(text, err=True)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one line of JSON."""
    click.echo(dumps(document, ascii_only=not is_unicode(sys.stdout)))


def report(error: FtrunnerError, *, as_json: bool, spec: Path | None = None) -> ExitCode:
    """Print `error`; return its exit code.

    `spec` is named where several specs were applied at once.
    """
    if as_json and error.exit_code is not ExitCode.READER_LEFT:
        print_error(error, about={} if spec is None else {"spec": str(spec)})
    if spec is not None:
        click.echo(f"{escaped(str(spec))}:", err=True)
    explain(error)
    return error.exit_code


def print_error(error: FtrunnerError, *, about: Mapping[str, str]) -> None:
    """Print `error` as an event, with the fields of `about`."""
    print_json({**error_event(error), **about})


def error_event(error: FtrunnerError) -> dict[str, Any]:
    """The event that `schemas/event.schema.json` names Error."""
    findings = error.findings if isinstance(error, InvalidInput) else ()
    return {
        "schema": SCHEMA_VERSION,
        "event": "error",
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "exit_code": int(error.exit_code),
        "findings": [finding.as_dict() for finding in findings],
    }


def explain(error: FtrunnerError) -> None:
    """Print what went wrong and what to do next, on stderr."""
    from ftrunner.render.findings.text import render_findings  # noqa: PLC0415 - only on the way out

    if isinstance(error, InvalidInput):
        print_folded(render_findings(error.findings, error.counts), err=True)
        explain_codes(finding.code for finding in error.findings)
        return
    print_folded(printable(f"error[{error.code}]: {error.message}"), err=True)
    if error.hint:
        print_folded(printable(f"  hint: {error.hint}"), err=True)
    explain_codes([error.code])


def explain_codes(codes: Iterable[str]) -> None:
    """With `-v`, what `ftrunner explain` says of each code."""
    if VOLUME.get() is not Volume.VERBOSE:
        return
    from ftrunner.catalogue import explain as explanation  # noqa: PLC0415 - only with -v

    for code in dict.fromkeys(codes):
        if found := explanation(code):
            print_folded(
                f"{code}: {found.title}\n  cause: {found.cause}\n  fix: {found.fix}", err=True
            )


def print_folded(text: str, *, err: bool = False) -> None:
    """Print `text`, its long lines broken between words where a terminal shows them."""
    if (sys.stderr if err else sys.stdout).isatty():
        text = folded(text, shutil.get_terminal_size().columns)
    click.echo(text, err=err)
