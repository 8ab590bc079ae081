"""`ftrunner validate SPEC...`"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, output
from ftrunner.cli.error_output import aside, explain_codes, print_folded, report
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

_MOST_ANNOTATIONS = 10  # of a kind; GitHub shows no more


@click.command("validate")
@specs_argument
@click.option("--provider", metavar="NAME", help="Check for this provider, not the spec's.")
@insecure_option
@profiles_option
@var_option
@tokens_option(default=Counting.OFF)
@click.option("--strict", is_flag=True, help="Exit with 2 for warnings, too.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "github"]),
    default="text",
    show_default=True,
    help="github prints annotations, besides the text on stderr.",
)
@json_option
def command(
    specs: tuple[Path, ...],
    tokens: Counting,
    strict: bool,
    style: str,
    as_json: bool,
    **parameters: Any,
) -> int:
    """Check SPECs and their data: everything that can be known without a key or a network.

    With --tokens, also whether an example is too long for the model.
    """
    options = TargetOptions(**parameters)
    is_annotated = style == "github" and not as_json
    codes: list[ExitCode] = []
    found: list[Finding] = []
    for path in specs:
        result = _checked(path, options, tokens)
        _show(result, strict=strict, as_json=as_json, is_annotated=is_annotated)
        codes.append(result.exit_code(strict=strict))
        found += result.findings
    if is_annotated:
        _annotate(found)
    return gravest(codes)


@dataclass(frozen=True, slots=True)
class _Result:
    """What checking one spec gave: an `error`, or what its data holds."""

    path: Path
    error: FtrunnerError | None = None
    checked: DatasetReport | None = None
    foreseen: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        if isinstance(self.error, InvalidInput):
            return self.error.findings
        return self.checked.findings if self.checked else ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings a code has; not all of them may be kept."""
        if isinstance(self.error, InvalidInput):
            return self.error.counts
        return self.checked.counts if self.checked else {}

    def exit_code(self, *, strict: bool) -> ExitCode:
        if self.error:
            return self.error.exit_code
        warned = any(finding.severity is Severity.WARNING for finding in self.findings)
        return ExitCode.INVALID if strict and warned else ExitCode.DONE


def _checked(path: Path, options: TargetOptions, tokens: Counting) -> _Result:
    try:
        loaded = loading.load(path, options)
        spec, target = loaded.spec, loaded.target()
        checked = prepare(spec, target, tokens).report
    except FtrunnerError as error:
        return _Result(path, error)
    foreseen = foreseen_findings(spec, target.profile, SystemClock().now())
    return _Result(path, None, checked, foreseen)


def _show(result: _Result, *, strict: bool, as_json: bool, is_annotated: bool) -> None:
    """Findings of a spec that is not valid go to stderr; its tokens are shown if counted."""
    if result.error and not isinstance(result.error, InvalidInput):
        report(result.error, as_json=as_json)
        return
    checked = result.checked if result.exit_code(strict=strict) is ExitCode.DONE else None
    if as_json:
        _print_json(result, checked)
        return
    if result.findings:
        to_stderr = checked is None or is_annotated
        print_folded(render_findings(result.findings, result.counts), err=to_stderr)
        print_folded(summary(result.findings, result.counts), err=to_stderr)
        explain_codes(finding.code for finding in result.findings)
    if checked:
        click.echo("\n".join(_valid(result.path, checked)))
        for finding in result.foreseen:
            aside(f"note: {finding.message}")


def _print_json(result: _Result, checked: DatasetReport | None) -> None:
    splits = checked.splits if checked else {}
    fields: dict[str, Any] = {
        "spec": str(result.path),
        "valid": checked is not None,
        "findings": [finding.as_dict() for finding in result.findings],
        "counts": dict(result.counts),
        "foreseen": [finding.as_dict() for finding in result.foreseen if checked],
        "splits": {name: split_fields(split) for name, split in splits.items()},
    }
    output.document("validation", fields)


def _valid(path: Path, checked: DatasetReport) -> Iterator[str]:
    yield f"{escaped(str(path))}: valid"
    for name, split in checked.splits.items():
        if split.tokens is not None:
            yield f"  {line_of(name, split)}"
    if checked.tokens_unknown:
        yield f"  tokens were not counted: {checked.tokens_unknown}"


def _annotate(findings: Sequence[Finding]) -> None:
    """GitHub shows ten annotations of a kind for a step."""
    from ftrunner.render.findings.github import as_commands  # noqa: PLC0415 - used seldom

    for severity in Severity:
        kind = [finding for finding in findings if finding.severity is severity]
        if kind:
            click.echo(as_commands(kind[:_MOST_ANNOTATIONS]))
