"""`ftrunner init [FOLDER]`"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import click

from ftrunner.cli.error_output import aside
from ftrunner.cli.options import (
    complete,
    json_option,
    left_the_question,
    parse_variables,
    profiles_option,
)
from ftrunner.cli.output import Output
from ftrunner.clock import SystemClock
from ftrunner.document import schema
from ftrunner.engine.checks.announced import training_outlook
from ftrunner.engine.operations.first_spec import (
    SCHEMA_FILE,
    Open,
    first_spec,
    open_settings,
    settable,
)
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.providers import registry
from ftrunner.providers.profile import Profile
from ftrunner.text import did_you_mean, escaped

_SPEC = "finetune.yaml"
_DATA = "data/examples.jsonl"


class WouldOverwrite(FtrunnerError):
    """A file is there already; `init` never replaces one."""

    exit_code = ExitCode.INVALID


class CannotWrite(FtrunnerError):
    """The folder cannot be made, or not be written to."""

    exit_code = ExitCode.INVALID


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option(
    "--provider",
    default="openai",
    show_default=True,
    metavar="NAME",
    shell_complete=complete(registry.names),
    help="Write a spec for this provider.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Write this setting into the spec, such as deployment.project=p-1. Repeatable.",
)
@profiles_option
@json_option
def command(
    folder: Path, provider: str, settings: tuple[str, ...], profiles: Path | None, out: Output
) -> None:
    """Write a commented spec and a ten-line dataset into FOLDER, ready for `apply`.

    What the provider needs and --set does not give, init asks for in a terminal; elsewhere it
    writes a placeholder, which `validate` reports.
    """
    profile = registry.with_folders(registry.folders(folder, profiles)).get(provider)
    given = _given(settings, profile)
    _refuse_to_overwrite(folder)
    if sys.stdin.isatty() and not out.is_json:
        given |= ask(open_settings(profile, given))
    written = _write(
        folder,
        {
            _SPEC: first_spec(profile, given).encode(),
            _DATA: (files("ftrunner.cli.templates") / "examples.jsonl").read_bytes(),
            SCHEMA_FILE: schema.text("spec").encode(),
        },
    )
    still_open = [one.path for one in open_settings(profile, given)]
    notes = [issue.message for issue in training_outlook(profile, today=_today())]
    if out.is_json:
        files_written = list(map(str, written))
        out.document("init", {"files": files_written, "open": still_open, "notes": notes})
        return
    click.echo("\n".join(f"wrote {escaped(str(path))}" for path in written))
    for note in notes:
        aside(f"note: {note}; `ftrunner providers` lists the others")
    if still_open:
        aside(f"fill in: {', '.join(still_open)}")
    aside(f"next: ftrunner {_next(folder / _SPEC, is_complete=not still_open)}")


def _today() -> date:
    return datetime.fromtimestamp(SystemClock().now(), UTC).date()


def _given(settings: Sequence[str], profile: Profile) -> dict[str, str]:
    """Values by their paths. Raises click.UsageError for a setting that the spec does not have."""
    given = parse_variables(settings, option="--set")
    known = settable(profile)
    for path, value in given.items():
        if path not in known:
            raise click.UsageError(
                f"--set: {profile.title} has no setting {path!r}{did_you_mean(path, known)}; "
                f"it has {', '.join(known)}"
            )
        if not value.strip():
            raise click.UsageError(f"--set {path}= has no value")
    return given


def ask(still_open: Sequence[Open]) -> dict[str, str]:
    """What the user answers; Enter leaves a setting open."""
    answers = {}
    for one in still_open:
        click.echo(one.description, err=True)
        try:
            answer = click.prompt(one.path, default="", show_default=False, err=True)
        except click.Abort as error:
            raise left_the_question() from error
        if answer.strip():
            answers[one.path] = answer.strip()
    return answers


def _refuse_to_overwrite(folder: Path) -> None:
    for path in (folder / name for name in (_SPEC, _DATA, SCHEMA_FILE)):
        if path.exists():
            raise WouldOverwrite(
                f"{path} exists already",
                code="FT341",
                hint="name another folder: `ftrunner init FOLDER`",
            )


def _write(folder: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise CannotWrite(
            f"cannot write into {folder}: {error.strerror}",
            code="FT341",
            hint="name another folder: `ftrunner init FOLDER`",
        ) from error
    return tuple(folder / name for name in contents)


def _next(spec: Path, *, is_complete: bool) -> str:
    named = shlex.quote(escaped(str(spec)))
    return f"apply {named} --mock" if is_complete else f"validate {named}"
