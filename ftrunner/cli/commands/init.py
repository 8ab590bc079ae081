"""`ftrunner init`"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import click

from ftrunner.cli import output
from ftrunner.cli.options import json_option
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.text import escaped

_TEMPLATES = {"spec.yaml": "finetune.yaml", "examples.jsonl": "data/examples.jsonl"}


class WouldOverwrite(FtrunnerError):
    """A file is there already; `init` never replaces one."""

    exit_code = ExitCode.INVALID


class CannotWrite(FtrunnerError):
    """The folder cannot be made, or not be written to."""

    exit_code = ExitCode.INVALID


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Write a commented spec and a ten-line dataset into FOLDER, ready to be applied."""
    targets = {name: folder / place for name, place in _TEMPLATES.items()}
    for path in targets.values():
        if path.exists():
            raise WouldOverwrite(
                f"{path} exists already",
                code="FT341",
                hint="name another folder: `ftrunner init FOLDER`",
            )
    try:
        _write(targets)
    except OSError as error:
        raise CannotWrite(
            f"cannot write into {folder}: {error.strerror}",
            code="FT341",
            hint="name another folder: `ftrunner init FOLDER`",
        ) from error
    spec = targets["spec.yaml"]
    if as_json:
        output.document("init", {"files": [str(path) for path in targets.values()]})
        return
    click.echo("\n".join(f"wrote {escaped(str(path))}" for path in targets.values()))
    click.echo(f"next: ftrunner apply {shlex.quote(escaped(str(spec)))} --mock", err=True)


def _write(targets: Mapping[str, Path]) -> None:
    for name, path in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((files("ftrunner.cli.templates") / name).read_bytes())
