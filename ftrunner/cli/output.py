"""What a command prints, in the format that was asked for: a run, results, errors.

Data goes to stdout. Each command has `-q` and `-v`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import click

from ftrunner.cli.error_output import (
    VOLUME,
    Volume,
    aside,
    error_event,
    explain,
    print_folded,
    print_json,
)
from ftrunner.clock import SystemClock
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.render.documents import document
from ftrunner.render.formats import ANNOTATED, FINDINGS, MEANWHILE, REPORTS, RUNS
from ftrunner.text import did_you_mean, escaped

if TYPE_CHECKING:
    from ftrunner.engine.report.report import Report
    from ftrunner.events import Emit, Event
    from ftrunner.render.findings.check import CheckResult

# Commands that print what they do; all others print what was asked for, also with -q.
_TALKATIVE = {
    *("init", "import", "mock", "validate", "apply", "test", "cancel", "verify", "drift"),
    *("adopt", "forget", "destroy", "fix", "split", "convert"),
}
_JSON = ("json", "jsonl")


@dataclass(frozen=True, slots=True)
class Output:
    """Prints in the format `style`, a key of the tables in `ftrunner.render.formats`."""

    style: str = "text"

    @property
    def is_json(self) -> bool:
        """Whether a program reads stdout: nothing else is printed there, and nothing is asked."""
        return self.style in _JSON

    def document(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Print one JSON document."""
        print_json(document(kind, fields))

    def result(self, kind: str, fields: Mapping[str, Any], text: str) -> None:
        """Print what a command has done or found: a document, or `text` for people."""
        if self.is_json:
            self.document(kind, fields)
        else:
            click.echo(text)

    def run(self) -> AbstractContextManager[Emit]:
        """What shows the events of a run on stdout."""
        one, _ = RUNS[self.style]
        shown: AbstractContextManager[Emit] = resolve_name(one)(
            sys.stdout, SystemClock(), verbose=VOLUME.get() is Volume.VERBOSE
        )
        return shown

    def runs(self, specs: Sequence[Path]) -> AbstractContextManager[Callable[[Path], Emit]]:
        """What shows the events of several runs at once, by spec."""
        _, several = RUNS[self.style]
        shown: AbstractContextManager[Callable[[Path], Emit]] = resolve_name(several)(
            sys.stdout, SystemClock(), specs
        )
        return shown

    def findings(self, results: Iterable[CheckResult]) -> None:
        """Print what checks found."""
        for what, to in resolve_name(FINDINGS[self.style])(results):
            if not isinstance(what, str):
                print_json(what)
            elif to == "aside":
                aside(what)
            else:
                print_folded(what, err=to == "stderr")

    def error(self, error: FtrunnerError, spec: Path | None = None) -> ExitCode:
        """Print `error`; return its exit code.

        `spec` is named where several specs were applied at once.
        """
        self.error_for_programs(error, None if spec is None else {"spec": str(spec)})
        if spec is not None:
            click.echo(f"{escaped(str(spec))}:", err=True)
        explain(error)
        return error.exit_code

    def error_for_programs(
        self, error: FtrunnerError, about: Mapping[str, str] | None = None
    ) -> None:
        """What programs read of `error` on stdout: an event with the fields of `about` too, or
        annotations, or nothing.
        """
        if error.exit_code is ExitCode.READER_LEFT:
            return
        if self.is_json:
            print_json({**error_event(error), **(about or {})})
        elif self.style == "github":
            click.echo(resolve_name(ANNOTATED)(error))


def written(report: Report, style: str) -> bytes:
    """A report in one of its formats."""
    text: str = resolve_name(REPORTS[style])(report)
    return text.encode(errors="replace")


class Group(click.Group):
    """A group of commands that names the nearest one where a command is misspelt."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their whole first sentences, which click would cut off."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, each.get_short_help_str(limit=1_000)) for name, each in commands if each]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message.removesuffix('.')}{near}", ctx) from error


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
        is_for_people = parameters.get("out", Output()).style == "text"
        with _nowhere() if quiet and is_talkative and is_for_people else nullcontext():
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


@contextmanager
def meanwhile() -> Iterator[Emit]:
    """What is shown on stderr while a command that prints at its end is at work."""
    if Volume.QUIET is VOLUME.get():
        yield lambda _: None
    elif sys.stderr.isatty():
        with resolve_name(MEANWHILE)(sys.stderr, SystemClock()) as shown:
            yield shown
    else:
        yield _retries


def _retries(event: Event) -> None:
    """That a provider is slow is reported at once."""
    from ftrunner.events import Retrying  # noqa: PLC0415 - loads all events
    from ftrunner.render.run.notices import retrying  # noqa: PLC0415

    if isinstance(event, Retrying):
        click.echo(retrying(event), err=True)
