"""The commands, what starts them, and where their failures end.

A command's module is imported when it is called. Every failure becomes a message and an exit code,
and only here. What is expected is a sentence with a hint; what is not is a bug in ftrunner.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from ftrunner import __version__
from ftrunner.cli.error_output import VOLUME, Volume, bug_of
from ftrunner.cli.output import Group, Output, with_volume
from ftrunner.errors import ExitCode, FtrunnerError, Interrupted, Terminated

# Group of `--help` → command → module below ftrunner.cli.commands, and the line shown for it.
GROUPS = {
    "Start": {
        "init": ("init", "Write a commented spec for a provider, and a small dataset."),
        "import": ("import_command", "Write specs for jobs that were made by hand."),
        "providers": ("providers", "List the providers, and show what is known of one."),
        "mock": ("mock", "Serve the mock provider."),
        "schema": ("schema", "Print a JSON Schema."),
    },
    "Run": {
        "validate": ("validate", "Check specs and their data. No key, no network."),
        "plan": ("plan", "Show what apply would do, and why."),
        "apply": ("apply", "Take specs from data to a tested model."),
        "test": ("test", "Test the recorded model with the test prompts."),
        "compare": ("compare", "Compare the tuned model with its base model, or another."),
        "cancel": ("cancel", "Cancel the running job."),
    },
    "Look": {
        "status": ("status", "Show what the lock file records."),
        "output": ("output_command", "Print the current model, job or file id, for scripts."),
        "report": ("report", "Write a report of the last run: HTML, Markdown, JUnit and more."),
        "history": ("history", "Show every run of a spec, from git: data, outcome, effect, cost."),
        "verify": ("verify", "Check that lock files match specs, data and tests. For CI."),
        "drift": ("drift", "Report what is gone from the provider, or shuts down soon."),
        "explain": ("explain", "Explain a finding's code: cause, fix, example."),
    },
    "Repair": {
        "adopt": ("adopt", "Record a job of the provider as a spec's."),
        "forget": ("forget", "Drop what is unconfirmed, or all, from the lock file."),
        "destroy": ("destroy", "Delete the tuned model and uploaded files at the provider."),
    },
    "Data": {
        "data": ("data", "Check, measure, compare and change data files."),
    },
}
COMMANDS = {name: known for group in GROUPS.values() for name, known in group.items()}

# Python looks for cycles at every 700 new objects; a spec of 500 prompts has a hundred thousand,
# and none of them is garbage.
_RARELY = (20_000, 20, 20)


class Commands(Group):
    """Lists commands from a table, so that `--help` imports none of them."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ftrunner.cli.commands.{COMMANDS[cmd_name][0]}")
        return with_volume(module.command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and Path(args[0]).is_dir():
            args = ["plan", *args]  # `ftrunner specs/`: what there is, and what would be done
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                rows = [(f"{name:<{longest}}", line) for name, (_, line) in commands.items()]
                formatter.write_dl(rows)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: ftrunner init, then ftrunner apply SPEC --mock",
)
@click.version_option(__version__, prog_name="ftrunner")
def cli() -> None:
    """Fine-tunes as code: a YAML spec takes a dataset to a tested model, on any provider."""


class _Misused(FtrunnerError):
    """A command line that click refuses."""

    exit_code = ExitCode.INVALID


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code."""
    gc.set_threshold(*_RARELY)
    signal.signal(signal.SIGTERM, _terminate)
    _open_what_is_closed()
    _write_what_the_terminal_lacks_as_escapes()
    VOLUME.set(Volume.NORMAL)
    if os.environ.get("_FTRUNNER_COMPLETE"):
        cli.main(prog_name="ftrunner")
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except OSError as error:
        code = _unwritten(error)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """The exit code of a command. Raises OSError where stdout takes nothing more."""
    out = _output(arguments)
    try:
        # not `cli.main`, which ends the process itself where the reader of stdout has left
        with cli.make_context("ftrunner", arguments) as context:
            return int(cli.invoke(context) or ExitCode.DONE)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        out.error_for_programs(_Misused(error.format_message(), code="usage"))
        error.show()
        return ExitCode.INVALID
    except FtrunnerError as error:
        return out.error(error)
    except (KeyboardInterrupt, click.Abort) as interrupt:
        return _interrupted(interrupt, out)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _unexpected(error, out)


def _output(arguments: Sequence[str]) -> Output:
    """The format that is asked for, where click refuses the command line too."""
    if "--json" in arguments:
        return Output("json")
    for option, value in pairwise([*arguments, ""]):
        if option == "--format" or option.startswith("--format="):
            return Output(option.removeprefix("--format").removeprefix("=") or value)
    return Output()


def _interrupted(interrupt: BaseException, out: Output) -> int:
    terminated = isinstance(interrupt, Terminated)
    code = ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
    out.error_for_programs(Interrupted("interrupted", exit_code=code))
    click.echo("\ninterrupted", err=True)
    return code


def _unexpected(error: Exception, out: Output) -> int:
    """A bug, unless stdout takes nothing more: then that OSError is raised."""
    if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ENOSPC):
        raise error
    bug = bug_of(error)
    out.error_for_programs(bug)
    click.echo(f"error: {bug.message}\n  hint: {bug.hint}", err=True)
    return bug.exit_code


def _unwritten(error: OSError) -> int:
    """stdout takes nothing more; Python would complain once more when it flushes at the end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return ExitCode.READER_LEFT
    click.echo(f"error: cannot write the output: {error.strerror}", err=True)
    return ExitCode.RUN_FAILED


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
