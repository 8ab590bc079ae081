"""`ftrunner validate SPEC...`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading
from ftrunner.cli.error_output import explain_codes
from ftrunner.cli.options import (
    TargetOptions,
    findings_options,
    insecure_option,
    profiles_option,
    specs_argument,
    tokens_option,
    var_option,
)
from ftrunner.cli.output import Output
from ftrunner.clock import SystemClock
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.checks.announced import foreseen_findings
from ftrunner.engine.steps.prepare import prepare
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput, gravest
from ftrunner.findings import Severity
from ftrunner.render.findings.check import CheckResult


@dataclass(frozen=True, slots=True)
class _Request:
    """What the user asks of `validate` beyond the specs."""

    target: TargetOptions
    tokens: Counting
    strict: bool


@click.command("validate")
@specs_argument
@click.option("--provider", metavar="NAME", help="Check for this provider, not the spec's.")
@insecure_option
@profiles_option
@var_option
@tokens_option(default=Counting.OFF)
@click.option(
    "--strict", is_flag=True, help="Exit with 2 for warnings, too; not for an announced end."
)
@findings_options
def command(
    specs: tuple[Path, ...], tokens: Counting, strict: bool, out: Output, **parameters: Any
) -> int:
    """Check SPECs and their data: everything that can be known without a key or a network.

    With --tokens, also whether an example is too long for the model.
    """
    request = _Request(TargetOptions(**parameters), tokens, strict)
    codes: list[ExitCode] = []

    def results() -> Iterator[CheckResult]:
        for path in specs:
            try:
                result = _checked(path, request)
            except FtrunnerError as error:
                codes.append(out.error(error))
            else:
                codes.append(ExitCode.DONE if result.is_valid else ExitCode.INVALID)
                yield result
                explain_codes(finding.code for finding in result.findings if not out.is_json)

    out.findings(results())
    return gravest(codes)


def _checked(path: Path, request: _Request) -> CheckResult:
    """Raises FtrunnerError for what is not about the text of the spec or its data."""
    try:
        loaded = loading.load(path, request.target)
        spec, target = loaded.spec, loaded.target()
        report = prepare(spec, target, request.tokens).report
    except InvalidInput as error:
        return CheckResult(error.findings, error.counts, is_valid=False, spec=str(path))
    if request.strict and any(f.severity is Severity.WARNING for f in report.findings):
        return CheckResult(report.findings, report.counts, is_valid=False, spec=str(path))
    foreseen = foreseen_findings(spec, target.profile, SystemClock().now())
    return CheckResult(
        report.findings,
        report.counts,
        is_valid=True,
        splits=report.splits,
        tokens_unknown=report.tokens_unknown,
        spec=str(path),
        foreseen=foreseen,
    )
