"""Jobs that were made by hand, brought home: a spec each, with its data, recorded as done."""

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
from ftrunner.engine.jobs.results import results
from ftrunner.engine.operations.job_as_spec import spec_name, spec_text
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.steps.test import test
from ftrunner.errors import FtrunnerError
from ftrunner.fsio import Disk, replacing, write_atomically
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import FileRecord
from ftrunner.state.os_errors import explained

_DATA, _RESULTS = "data", "results"
_HINT = (
    "make room, or name another folder with --into; a second import goes on where this one ended"
)
_LARGEST = 50 * 1024**3  # bytes of a file, where the profile knows no limit; that of the largest


@dataclass(frozen=True, slots=True)
class Home:
    """Where imports go. `opened` is a run of the spec at a path, as the sole writer of its lock.

    `base_url` is written into specs, where their profile has another, or none.
    """

    folder: Path
    base_url: str | None
    opened: Callable[[Path], AbstractContextManager[Run]]
    disk: Disk

    def make(self) -> None:
        """Make the folder. Raises StateError, as everything here does where the disk refuses."""
        with explained(self.folder, hint=_HINT):
            self.folder.mkdir(parents=True, exist_ok=True)


@dataclass(slots=True)
class Imported:
    """What came of one job. `spec` is None where none could be written."""

    job: Job
    spec: Path | None = None
    was_there: bool = False
    missing: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return self.spec is not None and not self.missing


def jobs_of(client: Client, ids: Sequence[str]) -> Iterator[Job]:
    """The jobs in full, or all there are; a list may tell less of each."""
    for job_id in ids or [job.id for job in client.list_jobs()]:
        yield client.retrieve_job(job_id)


def bring(client: Client, job: Job, home: Home) -> Imported:
    """Write the job's data, results, spec and lock file, as far as they can be had.

    What is there already is left as it is.
    """
    one = Imported(job)
    files = _data(client, one, home)
    if "train" not in files:
        return one
    for number, file_id in enumerate(job.result_files, start=1):
        path = home.folder / _RESULTS / f"{spec_name(job)}-{number}.csv"
        _fetch(one, path, f"results {file_id}", partial(_save_results, client, file_id, home))
    one.spec = _write_spec(client, one, home, files)
    try:
        with home.opened(one.spec) as run:
            record(run, job)
    except FtrunnerError as error:
        one.missing.append(f"the record in its lock file: {error.message}")
    return one


def record(run: Run, job: Job) -> None:
    """Write what `apply` would have recorded, so that there is nothing left to do.

    What is recorded already stays. Raises InvalidInput for data that is no training data.
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
    if answers and not wanted.prompts:
        test(run, made, Reuse.STORED)


def _files(report: DatasetReport, job: Job) -> Iterator[tuple[str, FileRecord]]:
    """The job's files as they are recorded: as no run's, for none of ftrunner's uploaded them."""
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


def _data(client: Client, one: Imported, home: Home) -> dict[str, str]:
    """The splits that could be had, as paths relative to the spec."""
    found = {}
    ids = {"train": one.job.training_file, "validation": one.job.validation_file}
    for split, file_id in ids.items():
        relative = f"{_DATA}/{spec_name(one.job)}-{split}.jsonl"
        if file_id and _fetch(
            one,
            home.folder / relative,
            f"{split} data {file_id}",
            partial(_save_data, client, file_id, home),
        ):
            found[split] = relative
    return found


def _fetch(one: Imported, path: Path, what: str, save: Callable[[Path], None]) -> bool:
    """Whether the file is there now; one that was there before is left as it is."""
    with explained(path, hint=_HINT):
        if path.exists():
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save(path)
        except ApiError as error:
            one.missing.append(f"{what}: {error.message}")
            return False
    return True


def _save_data(client: Client, file_id: str, home: Home, path: Path) -> None:
    """Straight to the disk: training files may be larger than the memory."""
    largest = client.profile.limits.largest_file or _LARGEST
    with replacing(path, disk=home.disk) as temporary:
        client.download(file_id, partial(_fill, temporary), max_bytes=largest)


def _fill(path: Path, blocks: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(blocks)


def _save_results(client: Client, file_id: str, home: Home, path: Path) -> None:
    write_atomically(path, results(client.file_content(file_id), client.redactor), disk=home.disk)


def _write_spec(client: Client, one: Imported, home: Home, files: dict[str, str]) -> Path:
    path = home.folder / f"{spec_name(one.job)}.yaml"
    text = spec_text(one.job, provider=client.profile.name, base_url=home.base_url, files=files)
    with explained(path, hint=_HINT):
        one.was_there = path.exists()
        if not one.was_there:
            write_atomically(path, text.encode(), disk=home.disk)
    return path
