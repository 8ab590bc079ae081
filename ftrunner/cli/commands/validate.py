"""`ftrunner validate SPEC...`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output
from ftrunner.cli.error_output import aside, print_folded, report
from ftrunner.cli.options import (
    TargetOptions,
    insecure_option,
    json_option,
    profiles_option,
    specs_argument,
    tokens_option,
    var_option,
)
from ftrunner.clock import SystemClock
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.checks.announced import foreseen_findings
from ftrunner.engine.steps.prepare import prepare
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput, gravest
from ftrunner.findings import Finding, Severity
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
@click.option("--strict", is_flag=True, help="Exit with 2 for warnings, too.")
@json_option
def command(
    specs: tuple[Path, ...], tokens: Counting, strict: bool, as_json: bool, **parameters: Any
) -> int:
    """Check SPECs and their data: everything that can be known without a key or a network.

    With --tokens also whether the model reads every example to its end.
    """
    options = TargetOptions(**parameters)
    codes = [_validate(path, options, tokens, strict=strict, as_json=as_json) for path in specs]
    return gravest(codes)


def _validate(
    path: Path, options: TargetOptions, tokens: Counting, *, strict: bool, as_json: bool
) -> ExitCode:
    try:
        loaded = loading.load(path, options)
        spec, target = loaded.spec, loaded.target()
        checked = prepare(spec, target, tokens).report
    except InvalidInput as error:
        _show(path, error.findings, error.counts, as_json=as_json)
        return ExitCode.INVALID
    except FtrunnerError as error:
        return report(error, as_json=as_json)
    if strict and any(finding.severity is Severity.WARNING for finding in checked.findings):
        _show(path, checked.findings, checked.counts, as_json=as_json)
        return ExitCode.INVALID
    foreseen = foreseen_findings(spec, target.profile, SystemClock().now())
    _show(path, checked.findings, checked.counts, checked, foreseen, as_json=as_json)
    return ExitCode.DONE


def _show(
    path: Path,
    findings: tuple[Finding, ...],
    counts: Mapping[str, int],
    checked: DatasetReport | None = None,
    foreseen: Sequence[Finding] = (),
    *,
    as_json: bool,
) -> None:
    """The findings, of which `counts` has all; `checked` is what the data holds where it is valid.
    `foreseen` are the ends that the provider announced, not faults of the spec.

    Token counts are included where they were counted.
    """
    splits = checked.splits if checked else {}
    if as_json:
        fields: dict[str, Any] = {"spec": str(path), "valid": checked is not None}
        fields["findings"] = [finding.as_dict() for finding in findings]
        fields["counts"] = dict(counts)
        fields["foreseen"] = [finding.as_dict() for finding in foreseen]
        fields["splits"] = {name: split_fields(split) for name, split in splits.items()}
        output.document("validation", fields)
        return
    if findings:
        print_folded(render_findings(findings, counts), err=checked is None)
        print_folded(summary(findings, counts), err=checked is None)
    if checked:
        click.echo(f"{escaped(str(path))}: valid")
        for name, split in splits.items():
            if split.tokens is not None:
                click.echo(f"  {line_of(name, split)}")
        if checked.tokens_unknown:
            click.echo(f"  tokens were not counted: {checked.tokens_unknown}")
    for finding in foreseen:
        aside(f"note: {finding.message}")
