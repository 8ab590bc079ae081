"""`ftrunner data stats` and `diff`: what data files hold, and how two differ."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ftrunner.cli.data_files import PATH, existing, reading
from ftrunner.cli.data_subject import DataOptions, Subject, data_options, method_option, subject
from ftrunner.cli.options import json_option, rows_option
from ftrunner.cli.output import Output
from ftrunner.dataset.cost.cost import Estimate, price
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.totals.diff import changed_rows, rows_of
from ftrunner.dataset.totals.row_hashes import Files, Trail
from ftrunner.dataset.totals.stats import statistics
from ftrunner.errors import ExitCode, InvalidInput
from ftrunner.render.documents.data_change import rows_as_fields, rows_as_lines
from ftrunner.render.documents.money import as_fields as money_fields
from ftrunner.render.documents.money import describe
from ftrunner.render.documents.statistics import as_text
from ftrunner.render.findings.text import summary
from ftrunner.spec.model import Method
from ftrunner.text import escaped


@click.command("stats")
@data_options
@json_option
def stats(out: Output, **options: Any) -> int:
    """Count examples, messages, lengths, scripts and duplicates of FILES or of a SPEC's data.

    With --model, or --tokens for a SPEC, also tokens and the cost of training.
    """
    about = subject(DataOptions(**options))
    report = about.report()
    if not any(split.examples for split in report.splits.values()) and not report.ok:
        raise InvalidInput(report.findings, report.counts)
    figures = {name: statistics(split, report) for name, split in report.splits.items()}
    cost = _estimate(about, report)
    if out.is_json:
        fields = {name: asdict(each) for name, each in figures.items()}
        out.document("data_stats", {**fields, "estimate": money_fields(cost) if cost else None})
        return ExitCode.DONE
    click.echo("\n".join(as_text(name, each) for name, each in figures.items()))
    if cost:
        click.echo(f"estimate: {describe(cost)}")
    if report.findings:
        found = summary(report.findings, report.counts)
        click.echo(f"{found}: run `ftrunner data check` to list them", err=True)
    return ExitCode.DONE


def _estimate(about: Subject, report: DatasetReport) -> Estimate | None:
    """What training on the data would cost; None without tokens. Raises InvalidInput."""
    if about.counting is Counting.OFF or not about.spec.model:
        return None
    return price(report, about.spec, about.profile, about.providers)


@click.command("diff")
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@method_option
@rows_option
@json_option
def diff(before: Path, after: Path, method: str, rows: bool, out: Output) -> int:
    """Show which rows of AFTER are not in BEFORE, and the other way round."""
    (old, old_unread), (new, new_unread) = (_rows(path, Method(method)) for path in (before, after))
    changed = changed_rows(old, new)
    found, files = changed.difference, (_lines(before, old), _lines(after, new))
    unread = {"before": old_unread, "after": new_unread}
    if out.is_json:
        listed = {"rows": rows_as_fields(changed, *files)} if rows else {}
        out.document("data_diff", {**asdict(found), "unread": unread, **listed})
        return ExitCode.DONE
    click.echo(f"{found}, {found.unchanged:,} unchanged")
    for line in rows_as_lines(changed, *files) if rows else ():
        click.echo(line)
    for path, count in ((before, old_unread), (after, new_unread)):
        if count:
            left = "1 row is not an example" if count == 1 else f"{count:,} rows are not examples"
            click.echo(
                f"{escaped(str(path))}: {left} and left out; `ftrunner data check` says why",
                err=True,
            )
    return ExitCode.DONE


def _lines(path: Path, trail: Trail) -> Files:
    return [(str(path), len(trail.rows))]


def _rows(path: Path, method: Method) -> tuple[Trail, int]:
    [file] = existing([path])
    with reading(file):
        return rows_of(file, method)
