"""`ftrunner data check`: what is wrong with data files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ftrunner import __version__, catalogue
from ftrunner.cli import output
from ftrunner.cli.data_subject import DataOptions, data_options, subject
from ftrunner.cli.error_output import print_folded
from ftrunner.cli.options import json_option
from ftrunner.dataset.report import DatasetReport
from ftrunner.errors import ExitCode
from ftrunner.render.documents.statistics import as_fields as split_fields
from ftrunner.render.documents.statistics import line_of
from ftrunner.render.findings import github, sarif
from ftrunner.render.findings.text import render_findings, summary
from ftrunner.text import dumps


def _print_text(report: DatasetReport) -> None:
    if report.findings:
        print_folded(render_findings(report.findings, report.counts), err=not report.ok)
    for name, split in report.splits.items():
        click.echo(line_of(name, split))
    if report.tokens_unknown:
        click.echo(f"tokens were not counted: {report.tokens_unknown}")
    click.echo(summary(report.findings, report.counts) or "no problems found", err=not report.ok)


def _print_json(report: DatasetReport) -> None:
    findings = [finding.as_dict() for finding in report.findings]
    fields = {"valid": report.ok, "counts": dict(report.counts), "findings": findings}
    splits = {name: split_fields(split) for name, split in report.splits.items()}
    output.document("data_check", {**fields, "splits": splits})


def _print_sarif(report: DatasetReport) -> None:
    explain = catalogue.explain
    click.echo(dumps(sarif.as_document(report.findings, version=__version__, explain=explain)))


def _print_github(report: DatasetReport) -> None:
    click.echo(github.as_commands(report.findings), nl=bool(report.findings))


_PRINTERS: dict[str, Callable[[DatasetReport], None]] = {
    "text": _print_text,
    "json": _print_json,
    "sarif": _print_sarif,
    "github": _print_github,
}


@click.command("check")
@data_options
@click.option(
    "--format",
    "style",
    type=click.Choice(list(_PRINTERS)),
    default="text",
    help="How findings are printed; --json is short for `--format json`.",
)
@json_option
def check(style: str, as_json: bool, **options: Any) -> int:
    """Check data FILES, or the data of a SPEC, line by line."""
    report = subject(DataOptions(**options)).report()
    _PRINTERS["json" if as_json else style](report)
    return ExitCode.DONE if report.ok else ExitCode.INVALID
