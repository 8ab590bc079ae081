"""`ftrunner data check`: what is wrong with data files."""

from __future__ import annotations

from typing import Any

import click

from ftrunner.cli.data_subject import DataOptions, data_options, subject
from ftrunner.cli.options import findings_options
from ftrunner.cli.output import Output
from ftrunner.errors import ExitCode
from ftrunner.render.findings.check import CheckResult


@click.command("check")
@data_options
@findings_options
def check(out: Output, **options: Any) -> int:
    """Check data FILES, or the data of a SPEC, line by line."""
    report = subject(DataOptions(**options)).report()
    found = CheckResult(
        report.findings, report.counts, report.ok, report.splits, report.tokens_unknown
    )
    out.findings([found])
    return ExitCode.DONE if report.ok else ExitCode.INVALID
