"""`ftrunner import [JOB_ID...] --into DIR`"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from ftrunner.cli import loading, wiring
from ftrunner.cli.options import (
    TargetOptions,
    insecure_option,
    json_option,
    profiles_option,
)
from ftrunner.cli.output import Output
from ftrunner.cli.session import session
from ftrunner.cli.wiring import World
from ftrunner.engine.context import Run
from ftrunner.engine.operations.import_jobs import Destination, Imported, import_job, jobs_of
from ftrunner.errors import ExitCode
from ftrunner.events import Event, Retrying
from ftrunner.render.run.notices import notices_for_people, retrying
from ftrunner.text import escaped, printable


@click.command("import")
@click.argument("jobs", nargs=-1, metavar="[JOB_ID]...")
@click.option("--all", "everything", is_flag=True, help="Import every job that the key may see.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("specs"),
    show_default=True,
    help="The folder to write specs, data and results into.",
)
@click.option("--provider", metavar="NAME", help="The profile of the provider that has the jobs.")
@click.option("--base-url", metavar="URL", help="Its address, where the profile has another.")
@insecure_option
@profiles_option
@json_option
def command(
    jobs: tuple[str, ...], everything: bool, into: Path, out: Output, **parameters: Any
) -> int:
    """Write a spec, its data and its lock file for each job that was made by hand.

    Nothing is overwritten; a second run continues where the first one stopped.
    """
    if everything == bool(jobs):
        raise click.UsageError("name the jobs to import, or pass --all")
    options, world = TargetOptions(**parameters), World()
    target = loading.bare_target(options, into)
    target_folder = Destination(
        into, options.base_url, lambda spec: _opened(spec, options, world), world.disk
    )
    target_folder.make()
    found: list[Imported] = []
    with wiring.open_client(target, into, _aside, world) as client:
        for job in jobs_of(client, jobs):
            found.append(import_job(client, job, target_folder))
            _print(found[-1], out)
    if not out.is_json:
        written = sum(one.spec is not None for one in found)
        click.echo(f"{written} of {len(found)} jobs imported into {escaped(str(into))}")
    return ExitCode.DONE if all(one.is_complete for one in found) else ExitCode.RUN_FAILED


def _opened(spec: Path, options: TargetOptions, world: World) -> AbstractContextManager[Run]:
    at = session(spec, options)
    return wiring.open_run(at.spec, at.target, _aside, world)


def _print(one: Imported, out: Output) -> None:
    if out.is_json:
        out.document(
            "import",
            {
                "job": one.job.id,
                "status": one.job.status,
                "spec": str(one.spec) if one.spec else None,
                "was_there": one.was_there,
                "missing": one.missing,
            },
        )
        return
    what = "was there already" if one.was_there else "written"
    click.echo(f"{one.job.id} ({one.job.status}): "
               f"{f'{one.spec} {what}' if one.spec else 'no spec'}")  # fmt: skip
    for missing in one.missing:
        click.echo(f"  could not be fetched: {missing}")


def _aside(event: Event) -> None:
    """Notices and retries go to stderr; stdout has one line per job."""
    if isinstance(event, Retrying):
        click.echo(retrying(event), err=True)
    for notice in notices_for_people(event):
        click.echo(printable(notice.text), err=True)
