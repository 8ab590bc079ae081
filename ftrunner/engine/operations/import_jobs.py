"""Import jobs that were created by hand: write a spec with its data for each, recorded as done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ftrunner.api.client import Client
from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Job
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.records import job_record
from ftrunner.engine.operations.job_as_spec import spec_name, spec_text
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.keep_results import results_csv
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.steps.test import test
from ftrunner.errors import FtrunnerError, explained
from ftrunner.fsio import Disk, replacing, write_atomically
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import FileRecord

_DATA, _RESULTS = "data", "results"
_HINT = (
    "make room, or name another folder with --into; a second import continues where this one ended"
)
_LARGEST = 50 * 1024**3  # bytes of a file, where the profile knows no limit; that of the largest


@dataclass(frozen=True, slots=True)
class Destination:
    """Where imports are written. `opened` opens a run of the spec at a path for writing its lock.

    `base_url` is written into specs if their profile has another one, or none.
    """

    folder: Path
    base_url: str | None
    opened: Callable[[Path], AbstractContextManager[Run]]
    disk: Disk

    def make(self) -> None:
        """Make the folder. Raises StateError if the disk refuses, as everything here does."""
        with explained(self.folder, hint=_HINT):
            self.folder.mkdir(parents=True, exist_ok=True)


@dataclass(slots=True)
class Imported:
    """The result for one job. `spec` is None if none could be written."""

    job: Job
    spec: Path | None = None
    was_there: bool = False
    missing: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return self.spec is not None and not self.missing


def jobs_of(client: Client, ids: Sequence[str]) -> Iterator[Job]:
    """The jobs with these ids, or all; retrieved by id, since a list may leave fields out."""
    for job_id in ids or [job.id for job in client.list_jobs()]:
        yield client.retrieve_job(job_id)


def import_job(client: Client, job: Job, into: Destination) -> Imported:
    """Write the job's data, results, spec and lock file, as far as the provider has them.

    Existing files are not overwritten.
    """
    result = Imported(job)
    files = _data(client, result, into)
    if "train" not in files:
        return result
    for number, file_id in enumerate(job.result_files, start=1):
        path = into.folder / _RESULTS / f"{spec_name(job)}-{number}.csv"
        _fetch(result, path, f"results {file_id}", partial(_save_results, client, file_id, into))
    result.spec = _write_spec(client, result, into, files)
    try:
        with into.opened(result.spec) as run:
            record(run, job)
    except FtrunnerError as error:
        result.missing.append(f"the record in its lock file: {error.message}")
    return result


def record(run: Run, job: Job) -> None:
    """Record what `apply` would have recorded, so that it has nothing left to do.

    An existing record stays. Raises InvalidInput for data that is not valid training data.
    """
    known = run.journal.record
    if known.job or known.has_unconfirmed:
        return
    prepared = prepare(run.spec, run.target)
    wanted = prepared.wanted
    for split, file in _files(prepared.report, job):
        run.journal.file_created(split, file)
    made = job_record(job, run=None, fingerprint=wanted.fingerprint, inputs=wanted.inputs)
    run.journal.job_created(made)
    answers = made.state is JobState.SUCCEEDED and made.model and not wanted.is_served
    if answers and not wanted.has_tests:
        test(run, made, Reuse.STORED)


def _files(report: DatasetReport, job: Job) -> Iterator[tuple[str, FileRecord]]:
    """The records of the job's files, without a run, since no run of ftrunner uploaded them."""
    for checked, file_id in (
        (report.train, job.training_file),
        (report.validation, job.validation_file),
    ):
        if checked and file_id:
            sent = checked.stream
            yield (
                sent.split,
                FileRecord(id=file_id, filename=sent.filename, sha256=sent.sha256, bytes=sent.size),
            )


def _data(client: Client, result: Imported, into: Destination) -> dict[str, str]:
    """The splits that could be downloaded, as paths relative to the spec."""
    found = {}
    ids = {"train": result.job.training_file, "validation": result.job.validation_file}
    for split, file_id in ids.items():
        relative = f"{_DATA}/{spec_name(result.job)}-{split}.jsonl"
        if file_id and _fetch(
            result,
            into.folder / relative,
            f"{split} data {file_id}",
            partial(_save_data, client, file_id, into),
        ):
            found[split] = relative
    return found


def _fetch(result: Imported, path: Path, what: str, save: Callable[[Path], None]) -> bool:
    """Whether the file exists now; an existing file is not overwritten."""
    with explained(path, hint=_HINT):
        if path.exists():
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save(path)
        except ApiError as error:
            result.missing.append(f"{what}: {error.message}")
            return False
    return True


def _save_data(client: Client, file_id: str, into: Destination, path: Path) -> None:
    """Stream to the disk: training files may be larger than memory."""
    largest = client.profile.limits.largest_file or _LARGEST
    with replacing(path, disk=into.disk) as temporary:
        client.download(file_id, partial(_fill, temporary), max_bytes=largest)


def _fill(path: Path, blocks: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(blocks)


def _save_results(client: Client, file_id: str, into: Destination, path: Path) -> None:
    csv = results_csv(client.file_content(file_id), client.redactor)
    write_atomically(path, csv, disk=into.disk)


def _write_spec(client: Client, result: Imported, into: Destination, files: dict[str, str]) -> Path:
    path = into.folder / f"{spec_name(result.job)}.yaml"
    text = spec_text(result.job, provider=client.profile.name, base_url=into.base_url, files=files)
    with explained(path, hint=_HINT):
        result.was_there = path.exists()
        if not result.was_there:
            write_atomically(path, text.encode(), disk=into.disk)
    return path
