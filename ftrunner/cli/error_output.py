"""Prints a failure on stderr: a sentence with a hint, or a bug with where its traceback is."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from enum import Enum
from typing import Any

import click

from ftrunner import __version__
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput
from ftrunner.findings import SCHEMA_VERSION
from ftrunner.render.fold import folded
from ftrunner.text import dumps, is_unicode, printable

_SECRET_NAME = re.compile("key|token|secret|passw|credential", re.IGNORECASE)


class Bug(FtrunnerError):
    """An exception that nothing in ftrunner expects."""

    exit_code = ExitCode.BUG


class Volume(Enum):
    """How much a command says."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


VOLUME: ContextVar[Volume] = ContextVar("volume", default=Volume.NORMAL)
"""That of the command that runs."""


def aside(text: str) -> None:
    """Say on stderr what helps a person, unless `-q` asks for silence."""
    if VOLUME.get() is not Volume.QUIET:
        print_folded(text, err=True)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one line of JSON."""
    click.echo(dumps(document, ascii_only=not is_unicode(sys.stdout)))


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


def bug_of(error: Exception) -> Bug:
    """`error` as a failure to report: its traceback is kept in a file, where there is a place.

    It is without the secrets of the run, and what the environment has under the name of one.
    """
    from ftrunner.engine.secrecy import redactor_of  # noqa: PLC0415 - only for a bug

    named = [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    trace = redactor_of(error).plus(named).text(traceback.format_exc())
    last = trace.strip().splitlines()[-1]
    log = _keep(trace)
    hint = f"please report it with {log}" if log else f"please report it:\n{trace}"
    return Bug(f"a bug in ftrunner: {last}", code="bug", hint=hint)


def _keep(trace: str) -> str | None:
    system = f"ftrunner {__version__}, Python {platform.python_version()}, {platform.platform()}"
    try:
        descriptor, path = tempfile.mkstemp(prefix="ftrunner-bug-", suffix=".md")
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(f"# ftrunner stopped on a bug\n\n{system}\n\n```\n{trace}```\n")
    except OSError:
        return None
    return path
