"""`ftrunner validate SPEC...`"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output
from ftrunner.cli.error_output import report, tell
from ftrunner.cli.options import (
    TargetOptions,
    insecure_option,
    json_option,
    profiles_option,
    specs_argument,
    tokens_option,
    var_option,
)
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.steps.prepare import prepare
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput, gravest
from ftrunner.findings import Finding
from ftrunner.render.documents.statistics import as_fields as split_fields
from ftrunner.render.documents.statistics import line_of
from ftrunner.render.findings.text import render_findings, summary
from ftrunner.text import escaped


@click.command("validate")
@specs_argument
@click.option("--provider", metavar="NAME", help="Check for this provider, not the spec's.")
@insecure_option
@profiles_option
@var_option
@tokens_option(default=Counting.OFF)
@json_option
def command(specs: tuple[Path, ...], tokens: Counting, as_json: bool, **parameters: Any) -> int:
    """Check SPECs and their data: everything that can be known without a key or a network.

    With --tokens also whether the model reads every example to its end.
    """
    options = TargetOptions(**parameters)
    return gravest([_validate(path, options, tokens, as_json=as_json) for path in specs])


def _validate(path: Path, options: TargetOptions, tokens: Counting, *, as_json: bool) -> ExitCode:
    try:
        loaded = loading.load(path, options)
        checked = prepare(loaded.spec, loaded.target(), tokens).report
    except InvalidInput as error:
        _show(path, error.findings, error.counts, as_json=as_json)
        return ExitCode.INVALID
    except FtrunnerError as error:
        return report(error, as_json=as_json)
    _show(path, checked.findings, checked.counts, checked, as_json=as_json)
    return ExitCode.DONE


def _show(
    path: Path,
    findings: tuple[Finding, ...],
    counts: Mapping[str, int],
    checked: DatasetReport | None = None,
    *,
    as_json: bool,
) -> None:
    """The findings, of which `counts` has all; `checked` is what the data holds where it is valid.

    Tokens are told where they were counted.
    """
    splits = checked.splits if checked else {}
    if as_json:
        fields: dict[str, Any] = {"spec": str(path), "valid": checked is not None}
        fields["findings"] = [finding.as_dict() for finding in findings]
        fields["counts"] = dict(counts)
        fields["splits"] = {name: split_fields(split) for name, split in splits.items()}
        output.document("validation", fields)
        return
    if findings:
        tell(render_findings(findings, counts), err=checked is None)
        tell(summary(findings, counts), err=checked is None)
    if checked:
        click.echo(f"{escaped(str(path))}: valid")
        for name, split in splits.items():
            if split.tokens is not None:
                click.echo(f"  {line_of(name, split)}")
        if checked.tokens_unknown:
            click.echo(f"  tokens were not counted: {checked.tokens_unknown}")
