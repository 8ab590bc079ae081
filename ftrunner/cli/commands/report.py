"""`ftrunner report SPEC`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ftrunner.cli.error_output import explain
from ftrunner.cli.options import format_option, rehearsed_option, spec_argument, target_options
from ftrunner.cli.output import Output, written
from ftrunner.cli.session import session
from ftrunner.cli.state_paths import places
from ftrunner.engine.report.report import Report, build_report
from ftrunner.errors import explained
from ftrunner.fsio import SystemDisk, write_atomically
from ftrunner.render.formats import PAGE, REPORT_FILE, REPORTS
from ftrunner.state.lock import Record
from ftrunner.text import escaped, printable

_STDOUT = Path("-")


@click.command("report")
@spec_argument
@target_options
@rehearsed_option
@format_option(
    REPORTS,
    short="jsonl",
    default=PAGE,
    what="The format. HTML goes into the run's folder, the others to stdout.",
)
@click.option(
    "--output",
    "-o",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE; `-` is stdout.",
)
@click.option("--open", "show", is_flag=True, help="Show the page in a browser.")
@click.option(
    "--to",
    "trackers",
    type=click.Choice(["mlflow", "wandb"]),
    multiple=True,
    help="Send it to a tracker, too. Repeatable.",
)
def command(
    spec: Path,
    file: Path | None,
    show: bool,
    trackers: tuple[str, ...],
    out: Output,
    **parameters: Any,
) -> None:
    """Write what SPEC's last run showed: verdict, gates, answers, training, costs.

    It is made from the lock file and the run logs. No key, and no network without --to. The exit
    code is 0 whatever the verdict, even if a tracker rejects the report.
    """
    is_page = out.style == PAGE
    if show and (not is_page or file == _STDOUT):
        raise click.UsageError("--open needs --format html and a file")
    at = session(spec, parameters)
    record = at.record
    if record == Record(provider=record.provider):
        raise at.nothing("run")
    where = places(at.spec, at.target)
    report = build_report(at.spec, at.target, record, lock=where.lock, runs=where.run_folders)
    if file is None and is_page:
        file = (report.folder or where.run_folders) / REPORT_FILE
    _write(written(report, out.style), file, where.run_folders)
    for tracker in trackers:
        _send(report, tracker)
    if show and file is not None:
        click.launch(file.resolve().as_uri())


def _write(text: bytes, file: Path | None, runs: Path) -> None:
    if file is None or file == _STDOUT:
        sys.stdout.buffer.write(text)
        return
    is_there = file.parent.is_dir()
    what = "free some space" if is_there else f"make the folder {escaped(str(file.parent))}"
    with explained(file, hint=f"name another place, or {what}"):
        if file.parent == runs:
            runs.mkdir(parents=True, exist_ok=True)
        write_atomically(file, text, disk=SystemDisk(), durable=False)
    click.echo(f"wrote {escaped(str(file))}")


def _send(report: Report, tracker: str) -> None:
    """A tracker that does not take the report changes no exit code."""
    from ftrunner.share.trackers import TRACKERS, NotSent, as_sent  # noqa: PLC0415 - seldom used

    try:
        where = TRACKERS[tracker](as_sent(report), written(report, PAGE))
    except NotSent as error:
        explain(error)
    else:
        click.echo(f"sent to {tracker}: {printable(where)}", err=True)
