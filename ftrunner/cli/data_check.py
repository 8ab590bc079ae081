"""`ftrunner data check`, `stats` and `diff`: what looks at data files and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from ftrunner import __version__, catalogue
from ftrunner.cli import loading, output
from ftrunner.cli.data_files import PATH, existing, reading
from ftrunner.cli.options import TargetOptions, json_option, var_option
from ftrunner.dataset.diff import difference, trail_of
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.stats import statistics
from ftrunner.dataset.trail import Trail
from ftrunner.dataset.validate import check_dataset
from ftrunner.errors import ExitCode, InvalidInput
from ftrunner.providers import registry
from ftrunner.render import github, sarif
from ftrunner.render.jsonl import dumps
from ftrunner.render.statistics import as_text
from ftrunner.render.text import render_findings, summary
from ftrunner.spec.model import Dataset, Method

_SPECS = {".yaml", ".yml"}

method_option = click.option(
    "--method",
    type=click.Choice([str(method) for method in Method]),
    default=str(Method.SUPERVISED),
    help="The training method the files are for.",
)


@dataclass(frozen=True, slots=True)
class DataOptions:
    """Which data is looked at, and what for, as the command line says it."""

    files: tuple[Path, ...]
    method: str
    provider: str | None
    model: str | None
    variables: tuple[str, ...]


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments and options of `DataOptions`."""
    decorators = (
        click.argument("files", type=PATH, nargs=-1, required=True, metavar="FILE...|SPEC"),
        method_option,
        click.option("--provider", metavar="NAME", help="Check for this provider."),
        click.option("--model", metavar="MODEL", help="Count tokens as this base model does."),
        var_option,
    )
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@click.command("check")
@data_options
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="How findings are printed; --json stands for `--format json`.",
)
@json_option
def check(style: str, as_json: bool, **options: Any) -> int:
    """Check data FILES, or the data of a SPEC, line by line."""
    report = _report(DataOptions(**options))
    _PRINTERS["json" if as_json else style](report)
    return ExitCode.DONE if report.ok else ExitCode.INVALID


def _print_text(report: DatasetReport) -> None:
    if report.findings:
        click.echo(render_findings(report.findings), err=not report.ok)
    for name, split in (("train", report.train), ("validation", report.validation)):
        if split is not None:
            click.echo(f"{name}: {split.examples:,} examples, {split.stream.size:,} bytes")
    click.echo(summary(report.findings) or "nothing to complain of", err=not report.ok)


def _print_json(report: DatasetReport) -> None:
    findings = [finding.as_dict() for finding in report.findings]
    fields = {"valid": report.ok, "counts": dict(report.counts), "findings": findings}
    output.document("data_check", fields)


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


@click.command("stats")
@data_options
@json_option
def stats(as_json: bool, **options: Any) -> int:
    """Count examples, messages, lengths, scripts and duplicates of FILES or of a SPEC's data."""
    report = _report(DataOptions(**options))
    splits = {"train": report.train, "validation": report.validation}
    figures = {name: statistics(split, report.counts) for name, split in splits.items() if split}
    if not figures:
        raise InvalidInput(report.findings)
    if as_json:
        output.document("data_stats", {name: asdict(each) for name, each in figures.items()})
    else:
        click.echo("\n".join(as_text(name, each) for name, each in figures.items()))
    return ExitCode.DONE


@click.command("diff")
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@method_option
@json_option
def diff(before: Path, after: Path, method: str, as_json: bool) -> int:
    """Tell which rows of AFTER are not in BEFORE, and the other way round."""
    old, new = (_trail(path, Method(method)) for path in (before, after))
    found = difference(old, new)
    if as_json:
        output.document("data_diff", asdict(found))
    else:
        click.echo(f"{found}, {found.unchanged:,} unchanged")
    return ExitCode.DONE


def _report(options: DataOptions) -> DatasetReport:
    """The report on the files, or on the data of the one spec among them."""
    if any(path.suffix in _SPECS for path in options.files):
        if len(options.files) > 1:
            raise click.UsageError("name data files, or one spec")
        return _of_spec(options.files[0], options)
    return check_dataset(
        Dataset(tuple(map(str, options.files))),
        folder=Path(),
        method=Method(options.method),
        profile=registry.get(options.provider or "generic"),
        model=options.model,
        count_tokens=options.model is not None,
    )


def _of_spec(path: Path, options: DataOptions) -> DatasetReport:
    target = TargetOptions(provider=options.provider, variables=options.variables)
    spec = loading.load(path, target)
    profile = loading.target(spec, target).profile
    return check_dataset(
        spec.dataset,
        folder=spec.folder,
        method=spec.method,
        profile=profile,
        model=options.model or spec.model,
        source=spec.source,
        count_tokens=options.model is not None,
        prompts=spec.tests.prompts,
        severities=profile.severities,
    )


def _trail(path: Path, method: Method) -> Trail:
    [file] = existing([path])
    with reading(file):
        return trail_of([file], method)


COMMANDS = (check, stats, diff)
