"""Where exceptions end: every failure becomes a message and an exit code, and only here.

What is expected is a sentence with a hint. What is not is a bug in ftrunner: its traceback goes
to a log file that can be sent with a report.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from ftrunner import __version__
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput, Terminated

_BROKEN_PIPE = 141


def run_within(command: Callable[[], Any]) -> int:
    """Run `command` and return the process's exit code; nothing is raised."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return int(command() or ExitCode.DONE)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.INVALID
    except FtrunnerError as error:
        explain(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as interrupt:
        click.echo("interrupted", err=True)
        # click turns ^C into an Abort; what it was stands in its cause
        terminated = isinstance(interrupt.__cause__ or interrupt, Terminated)
        return ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader left; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Exception:  # noqa: BLE001 - the last line of defence
        _report_bug()
        return ExitCode.BUG


def explain(error: FtrunnerError) -> None:
    """Tell the user what went wrong and what to do next, on stderr."""
    from ftrunner.render.text import render_findings  # noqa: PLC0415 - only on the way out

    if isinstance(error, InvalidInput):
        click.echo(render_findings(error.findings), err=True)
        return
    click.echo(f"error[{error.code}]: {error.message}", err=True)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def _report_bug() -> None:
    log = Path(tempfile.gettempdir()) / f"ftrunner-bug-{os.getpid()}.md"
    system = f"ftrunner {__version__}, Python {platform.python_version()}, {platform.platform()}"
    trace = traceback.format_exc()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        file.write(f"# ftrunner stopped on a bug\n\n{system}\n\n```\n{trace}```\n")
    last = trace.strip().splitlines()[-1]
    click.echo(f"error: a bug in ftrunner: {last}\n  hint: please report it with {log}", err=True)
