"""What an import fetches and records, and what it says of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from ftrunner.api.client import Client
from ftrunner.api.http.exchange import Sink
from ftrunner.api.redaction import Redactor
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.engine.operations.import_jobs import Destination, import_job, record
from ftrunner.errors import StateError
from ftrunner.fsio import SystemDisk
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState, Profile
from ftrunner.spec.model import Dataset, Spec
from ftrunner.state.lock import FileIntent, JobIntent
from tests.kit.runs import GONE, staged
from tests.kit.stories import dataset

JOB = Job(
    "ftjob-0123456789",
    "succeeded",
    JobState.SUCCEEDED,
    model="gpt-4o-mini-2024-07-18",
    fine_tuned_model="ft:x",
    training_file="file-1",
    result_files=("file-2",),
)
INTENTS = [
    FileIntent(run="r1", at=0, split="train", filename="a", sha256="a", bytes=1),
    JobIntent(run="r1", at=0, fingerprint="v1:0", inputs={}, training_file="file-9"),
]


@dataclass
class Store:
    """A provider's files, downloaded in small blocks; `trouble` strikes after the first one."""

    files: dict[str, bytes]
    trouble: Exception | None = None
    profile: Profile = field(default_factory=lambda: registry.get("openai"))
    bounds: list[int] = field(default_factory=list)
    redactor: Redactor = field(default_factory=Redactor)

    def download(self, file_id: str, sink: Sink, *, max_bytes: int) -> None:
        self.bounds.append(max_bytes)
        sink(self._blocks(file_id))

    def file_content(self, file_id: str) -> bytes:
        return b"".join(self._blocks(file_id))

    def _blocks(self, file_id: str) -> Iterator[bytes]:
        if file_id not in self.files:
            raise GONE
        content = self.files[file_id]
        yield content[:100]
        if self.trouble:
            raise self.trouble
        yield content[100:]


class FullDisk(SystemDisk):
    def sync(self, path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))


def brought(store: Store, folder: Path, **changes: Any) -> tuple[Any, list[Path]]:
    """What came of the job, and the specs that were to be recorded."""
    recorded: list[Path] = []
    run = staged(folder, store, spec=_spec(folder)).run

    @contextmanager
    def opened(path: Path) -> Iterator[Run]:
        recorded.append(path)
        yield run

    home = Destination(folder, None, opened, changes.get("disk", SystemDisk()))
    return import_job(cast(Client, store), JOB, home), recorded


def _spec(folder: Path) -> Spec:
    train = f"data/job-{JOB.id[-8:]}-train.jsonl"
    path = folder / "stories.yaml"
    return Spec(path=path, name="stories", model=str(JOB.model), dataset=Dataset((train,)))


def _left(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_data_results_and_spec_are_written_and_recorded(tmp_path: Path) -> None:
    store = Store({"file-1": dataset().encode(), "file-2": b"step,loss\n1,2\n"})

    one, recorded = brought(store, tmp_path)

    assert one.is_complete
    assert recorded == [one.spec]
    assert store.bounds == [8 * 1024**3]  # what OpenAI takes in parts
    assert _left(tmp_path) == [
        "data/job-23456789-train.jsonl",
        "job-23456789.yaml",
        "results/job-23456789-1.csv",
        "stories.lock.json",
    ]
    assert (tmp_path / "data/job-23456789-train.jsonl").read_text(encoding="utf-8") == dataset()


def test_half_a_file_is_not_a_file(tmp_path: Path) -> None:
    store = Store({"file-1": dataset().encode()}, trouble=GONE)

    one, recorded = brought(store, tmp_path)

    assert (one.spec, recorded, _left(tmp_path)) == (None, [], [])
    assert one.missing == ["train data file-1: no such object"]


def test_a_full_disk_ends_the_import_and_names_the_file(tmp_path: Path) -> None:
    store = Store({"file-1": dataset().encode()})

    with pytest.raises(
        StateError, match=r"data/job-23456789-train\.jsonl: No space left"
    ) as reported:
        brought(store, tmp_path, disk=FullDisk())

    assert reported.value.code == "FT418"
    assert _left(tmp_path) == []


def test_a_record_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    def opened(_path: Path) -> AbstractContextManager[Run]:
        raise StateError("it holds a merge conflict", code="FT403")

    store = Store({"file-1": dataset().encode(), "file-2": b"a,b\n"})
    one = import_job(cast(Client, store), JOB, Destination(tmp_path, None, opened, SystemDisk()))

    assert one.missing == ["the record in its lock file: it holds a merge conflict"]


def test_the_model_is_current_and_the_file_no_run_s(tmp_path: Path) -> None:
    brought(Store({"file-1": dataset().encode(), "file-2": b"a,b\n"}), tmp_path)
    run = staged(tmp_path, None).run

    known = run.journal.record
    assert known.current is not None
    assert (known.current.model, known.current.job, known.current.run) == ("ft:x", JOB.id, None)
    assert [(file.id, file.run) for file in known.files.values()] == [("file-1", None)]


@pytest.mark.parametrize("intent", INTENTS)
def test_what_is_unconfirmed_stays_so(tmp_path: Path, intent: FileIntent | JobIntent) -> None:
    """The spec's own apply may have been cut short: its request must not be forgotten."""
    run = staged(tmp_path, None).run
    if isinstance(intent, FileIntent):
        run.journal.intend_file(intent)
    else:
        run.journal.intend_job(intent)
    before = run.journal.record

    record(run, JOB)

    assert run.journal.record == before
