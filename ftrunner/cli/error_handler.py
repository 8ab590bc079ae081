"""Where exceptions end: every failure becomes a message and an exit code, and only here.

What is expected is a sentence with a hint. What is not is a bug in ftrunner: its traceback goes
to a log file that can be sent with a report.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import Any

import click

from ftrunner import __version__
from ftrunner.cli.error_output import print_error, report
from ftrunner.errors import ExitCode, FtrunnerError, Interrupted, Terminated

_SECRET_NAME = re.compile("key|token|secret|passw|credential", re.IGNORECASE)


class ReaderLeft(Exception):
    """The reader of stdout closed it. Wrapped, because click treats BrokenPipeError as success."""


class _Misused(FtrunnerError):
    """A command line that click refuses."""

    exit_code = ExitCode.INVALID


class _Bug(FtrunnerError):
    exit_code = ExitCode.BUG


def run_within(command: Callable[[], Any], *, as_json: bool = False) -> int:
    """Run `command` and return the process's exit code; nothing is raised.

    With `as_json` every failure is a document on stdout, too.
    """
    signal.signal(signal.SIGTERM, _terminate)
    _open_what_is_closed()
    _write_what_the_terminal_lacks_as_escapes()
    try:
        code = _outcome(command, as_json=as_json)
        sys.stdout.flush()
    except OSError as error:
        code = _unwritten(error)
    return code


def _outcome(command: Callable[[], Any], *, as_json: bool) -> int:
    try:
        return int(command() or ExitCode.DONE)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        if as_json:
            print_error(_Misused(error.format_message(), code="usage"), about={})
        error.show()
        return ExitCode.INVALID
    except FtrunnerError as error:
        return report(error, as_json=as_json)
    except (KeyboardInterrupt, click.Abort) as interrupt:
        return _interrupted(interrupt, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _unexpected(error, as_json=as_json)


def _unexpected(error: Exception, *, as_json: bool) -> int:
    """A bug, unless stdout takes nothing more: then that OSError is raised."""
    if isinstance(error, ReaderLeft):
        raise BrokenPipeError from error
    if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ENOSPC):
        raise error
    return _report_bug(error, as_json=as_json)


def _unwritten(error: OSError) -> int:
    """stdout takes nothing more; Python would complain once more when it flushes at the end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return ExitCode.READER_LEFT
    click.echo(f"error: cannot write the output: {error.strerror}", err=True)
    return ExitCode.RUN_FAILED


def _interrupted(interrupt: BaseException, *, as_json: bool) -> int:
    # click turns ^C into an Abort; the original is its cause
    terminated = isinstance(interrupt.__cause__ or interrupt, Terminated)
    code = ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
    if as_json:
        print_error(Interrupted("interrupted", exit_code=code), about={})
    click.echo("interrupted", err=True)
    return code


def _open_what_is_closed() -> None:
    """A stream that the caller has closed: not a terminal, nothing to read, takes all writes.

    No file that is opened later gets its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nothing, mode, encoding="utf-8", closefd=False))


def _write_what_the_terminal_lacks_as_escapes() -> None:
    """Output must not fail on a terminal that cannot show Chinese."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def _report_bug(error: Exception, *, as_json: bool) -> int:
    """Keep the traceback for a report, where there is a place for it; never raises for that.

    It is without the secrets of the run, and what the environment has under the name of one.
    """
    from ftrunner.engine.secrecy import redactor_of  # noqa: PLC0415 - only for a bug

    named = [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    trace = redactor_of(error).plus(named).text(traceback.format_exc())
    last = trace.strip().splitlines()[-1]
    log = _keep(trace)
    hint = f"please report it with {log}" if log else f"please report it:\n{trace}"
    if as_json:
        print_error(_Bug(f"a bug in ftrunner: {last}", code="bug", hint=hint), about={})
    click.echo(f"error: a bug in ftrunner: {last}\n  hint: {hint}", err=True)
    return ExitCode.BUG


def _keep(trace: str) -> str | None:
    system = f"ftrunner {__version__}, Python {platform.python_version()}, {platform.platform()}"
    try:
        descriptor, path = tempfile.mkstemp(prefix="ftrunner-bug-", suffix=".md")
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(f"# ftrunner stopped on a bug\n\n{system}\n\n```\n{trace}```\n")
    except OSError:
        return None
    return path
