"""`ftrunner validate SPEC...`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output
from ftrunner.cli.options import (
    TargetOptions,
    insecure_option,
    json_option,
    profiles_option,
    specs_argument,
    var_option,
)
from ftrunner.cli.telling import report
from ftrunner.diagnostics import Finding
from ftrunner.engine.steps.prepare import prepare
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput, gravest
from ftrunner.render.text import render_findings


@click.command("validate")
@specs_argument
@click.option("--provider", metavar="NAME", help="Check for this provider, not the spec's.")
@insecure_option
@profiles_option
@var_option
@json_option
def command(specs: tuple[Path, ...], as_json: bool, **parameters: Any) -> int:
    """Check SPECs and their data: everything that can be known without a key or a network."""
    options = TargetOptions(**parameters)
    return gravest([_validate(path, options, as_json=as_json) for path in specs])


def _validate(path: Path, options: TargetOptions, *, as_json: bool) -> ExitCode:
    try:
        spec = loading.load(path, options)
        checked = prepare(spec, loading.target(spec, options))
    except InvalidInput as error:
        _show(path, error.findings, as_json=as_json)
        return ExitCode.INVALID
    except FtrunnerError as error:
        return report(error, as_json=as_json)
    _show(path, checked.findings, as_json=as_json)
    return ExitCode.DONE


def _show(path: Path, findings: tuple[Finding, ...], *, as_json: bool) -> None:
    valid = not any(finding.is_error for finding in findings)
    if as_json:
        fields = {"spec": str(path), "valid": valid, "findings": [f.as_dict() for f in findings]}
        output.document("validation", fields)
        return
    if findings:
        click.echo(render_findings(findings), err=not valid)
    if valid:
        click.echo(f"{path}: valid")
