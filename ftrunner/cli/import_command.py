"""`ftrunner import [JOB_ID...] --into DIR`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Job
from ftrunner.cli import loading, output, wiring
from ftrunner.cli.options import TargetOptions, json_option, target_of, target_options
from ftrunner.cli.world import World
from ftrunner.engine.context import Run
from ftrunner.engine.job_as_spec import spec_name, spec_text
from ftrunner.engine.records import job_record
from ftrunner.engine.results import plain
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.target import Target
from ftrunner.engine.want import want
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.evaluation.verdict import tests_digest
from ftrunner.events import Event
from ftrunner.fsio import SystemDisk, write_atomically
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Dataset, Spec
from ftrunner.state.lock import FileRecord, TestsRecord

_DATA, _RESULTS = "data", "results"


@dataclass(slots=True)
class Imported:
    """What came of one job. `spec` is None where none could be written."""

    job: Job
    spec: Path | None = None
    was_there: bool = False
    missing: list[str] = field(default_factory=list)


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
@target_options
@json_option
def command(
    jobs: tuple[str, ...], everything: bool, into: Path, as_json: bool, **parameters: Any
) -> int:
    """Write a spec, its data and its lock file for each job that was made by hand.

    Nothing is overwritten; a second run goes on where the first one ended.
    """
    options = target_of(parameters)
    if everything == bool(jobs):
        raise click.UsageError("name the jobs to import, or pass --all")
    if not (options.provider or options.base_url):
        raise click.UsageError("say where the jobs are: --provider NAME, --base-url URL")
    into.mkdir(parents=True, exist_ok=True)
    # Listing and downloading need an address and a key, which a run of any spec has.
    nothing = Spec(path=into / "import.yaml", name="import", model="", dataset=Dataset(()))
    target = loading.target(nothing, options)
    found: list[Imported] = []
    with wiring.opened(nothing, target, _silent, World()) as run:
        for job in _jobs(run, jobs):
            found.append(_import(run, job, into, target, options))
            _tell(found[-1], as_json=as_json)
    complete = all(one.spec and not one.missing for one in found)
    if not as_json:
        written = sum(one.spec is not None for one in found)
        click.echo(f"{written} of {len(found)} jobs imported into {into}")
    return ExitCode.DONE if complete else ExitCode.RUN_FAILED


def _jobs(run: Run, ids: tuple[str, ...]) -> Iterator[Job]:
    """The jobs in full: a list may tell less of each."""
    for job_id in ids or [job.id for job in run.client.list_jobs()]:
        yield run.client.retrieve_job(job_id)


def _import(run: Run, job: Job, into: Path, target: Target, options: TargetOptions) -> Imported:
    one = Imported(job)
    name = spec_name(job)
    path = into / f"{name}.yaml"
    files = _data(run, one, into, name)
    if "train" not in files:
        return one
    for number, file_id in enumerate(job.result_files, start=1):
        _download(run, one, file_id, into / _RESULTS / f"{name}-{number}.csv", "results")
    own_address = options.base_url or (target.base_url if not target.profile.base_url else None)
    text = spec_text(job, provider=target.profile.name, base_url=own_address, files=files)
    one.was_there = path.exists()
    if not one.was_there:
        write_atomically(path, text.encode(), disk=SystemDisk())
    one.spec = path
    try:
        _record(one, path, options)
    except FtrunnerError as error:
        one.missing.append(f"the record in its lock file: {error.message}")
    return one


def _data(run: Run, one: Imported, into: Path, name: str) -> dict[str, str]:
    """The splits that could be had, as paths relative to the spec."""
    found = {}
    ids = {"train": one.job.training_file, "validation": one.job.validation_file}
    for split, file_id in ids.items():
        relative = f"{_DATA}/{name}-{split}.jsonl"
        if file_id and _download(run, one, file_id, into / relative, f"{split} data"):
            found[split] = relative
    return found


def _download(run: Run, one: Imported, file_id: str, path: Path, what: str) -> bool:
    """Whether the file is there now; one that was there before is left as it is."""
    if path.exists():
        return True
    try:
        content = run.client.file_content(file_id)
    except ApiError as error:
        one.missing.append(f"{what} {file_id}: {error.message}")
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    told = plain(content) if path.suffix == ".csv" else content
    write_atomically(path, told, disk=SystemDisk())  # half a file would be taken for the whole
    return True


def _record(one: Imported, path: Path, options: TargetOptions) -> None:
    """Write what `apply` would have recorded, so that there is nothing left to do."""
    job = one.job
    spec = loading.load(path, options)
    target = loading.target(spec, options)
    if wiring.record(spec, target).job is not None:
        return
    report = prepare(spec, target)
    wanted = want(spec, report, target.profile)
    journal = wiring.journal(spec, target, SystemDisk())
    for split, file_id in (("train", job.training_file), ("validation", job.validation_file)):
        checked = getattr(report, split)
        if checked and file_id:
            stream = checked.stream
            kept = FileRecord(
                id=file_id, filename=stream.filename, sha256=stream.sha256, bytes=stream.size
            )
            journal.file_created(split, kept)
    journal.job_created(
        job_record(job, run=None, fingerprint=wanted.fingerprint, inputs=wanted.inputs)
    )
    if job.state is JobState.SUCCEEDED and job.fine_tuned_model:
        # With no test there is nothing to ask; the first test that is written is asked.
        tests = TestsRecord(
            model=job.fine_tuned_model, digest=tests_digest(spec.tests), passed=True
        )
        journal.tested(tests, None)


def _tell(one: Imported, *, as_json: bool) -> None:
    if as_json:
        output.document(
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
        click.echo(f"  could not be had: {missing}")


def _silent(_event: Event) -> None:
    """An import tells job by job, not event by event."""
