"""What changed in the data since the recorded job, and when nothing can be said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ftrunner.dataset.cost.cost import Estimate, Span
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.totals import row_hashes
from ftrunner.dataset.totals.diff import ChangedRows
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.data_change import UNKNOWN, DataChange, data_change, keep_rows
from ftrunner.engine.plan import DesiredState
from ftrunner.engine.steps.prepare import desired_state
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Dataset, Fraction, Spec
from ftrunner.state.lock import FileRecord, JobRecord, Record
from tests.kit.runs import FakeProvider, staged
from tests.unit.dataset.samples import example

GENERIC = registry.get("generic")
TRAIN = Dataset(("train.jsonl",))


def prepared(folder: Path, rows: list[bytes], dataset: Dataset = TRAIN) -> DatasetReport:
    (folder / "train.jsonl").write_bytes(b"".join(row + b"\n" for row in rows))
    return check_dataset(Spec(folder / "s.yaml", "s", "", dataset), GENERIC)


def wanted(folder: Path, report: DatasetReport, model: str = "gpt-4o") -> DesiredState:
    return desired_state(Spec(folder / "s.yaml", "s", model, TRAIN), report, GENERIC, {})


def job_of(asked: DesiredState) -> JobRecord:
    return JobRecord(
        id="ftjob-1",
        run="r1",
        fingerprint=asked.fingerprint,
        inputs=asked.inputs,
        status="succeeded",
        state=JobState.SUCCEEDED,
    )


def counted(tokens: int) -> Estimate:
    return Estimate(1, Span(1, 1), tokens_per_epoch=tokens)


def applied(folder: Path, report: DatasetReport, estimate: Estimate | None = None) -> JobRecord:
    """The job of a run that kept the rows of `report`."""
    run = staged(folder, FakeProvider()).run
    run.log.begin()
    asked = wanted(folder, report)
    keep_rows(run, asked, report, estimate)
    return job_of(asked)


def since(
    folder: Path, job: JobRecord | None, report: DatasetReport, estimate: Estimate | None = None
) -> DataChange | None:
    runs = folder / ".ftrunner" / "runs"
    return data_change(recorded(job), wanted(folder, report), report, runs, estimate)


def recorded(job: JobRecord | None) -> Record:
    return Record(provider="generic", job=job)


ROWS = [example(number) for number in range(5)]


def test_rows_that_are_new_gone_or_answered_otherwise_are_counted(tmp_path: Path) -> None:
    job = applied(tmp_path, prepared(tmp_path, ROWS))
    now = prepared(tmp_path, [*ROWS[2:], example(1, answer="x"), example(8), example(9)])

    assert since(tmp_path, job, now) == DataChange(
        "ftjob-1", {"train": ChangedRows(added=[4, 5], removed=[0], changed=[(1, 3)], unchanged=3)}
    )


def test_the_same_data_has_no_change(tmp_path: Path) -> None:
    report = prepared(tmp_path, ROWS)

    assert since(tmp_path, applied(tmp_path, report), report) is None
    assert since(tmp_path, None, report) is None


def test_the_same_rows_in_other_bytes_are_reported_as_such(tmp_path: Path) -> None:
    report = prepared(tmp_path, ROWS)
    assert report.train is not None
    stream = report.train.stream
    sent = FileRecord(id="file-1", filename="a", sha256=stream.sha256, bytes=stream.size)
    record = replace(recorded(applied(tmp_path, report)), files={"train": sent})
    respelled = prepared(tmp_path, [row + b"\r" for row in ROWS])

    def change(now: DatasetReport) -> DataChange | None:
        return data_change(record, wanted(tmp_path, now), now, tmp_path)

    assert change(report) is None
    assert change(respelled) == DataChange("ftjob-1", rewritten=True)


def test_tokens_are_compared_where_both_were_counted(tmp_path: Path) -> None:
    job = applied(tmp_path, prepared(tmp_path, ROWS), counted(100))
    now = prepared(tmp_path, ROWS[1:])

    change = since(tmp_path, job, now, counted(80))
    assert change is not None
    assert change.tokens == (100, 80)
    unpriced = since(tmp_path, job, now)
    assert unpriced is not None
    assert unpriced.tokens is None


def test_tokens_of_another_vocabulary_are_not_compared(tmp_path: Path) -> None:
    job = applied(tmp_path, prepared(tmp_path, ROWS), counted(100))
    now = prepared(tmp_path, ROWS[1:])
    other = wanted(tmp_path, now, model="gpt-3.5-turbo")

    change = data_change(recorded(job), other, now, tmp_path / ".ftrunner" / "runs", counted(80))

    assert change is not None
    assert change.tokens is None


def test_where_a_split_is_cut_from_the_other_both_are_one(tmp_path: Path) -> None:
    cut = replace(TRAIN, validation=Fraction(0.5, 7))
    job = applied(tmp_path, prepared(tmp_path, ROWS, cut))

    change = since(tmp_path, job, prepared(tmp_path, ROWS))
    assert change is not None
    assert change.splits == {"train and validation": ChangedRows([], [], [], 5)}


@pytest.mark.parametrize("damage", ["missing", "torn", "foreign", "folder"])
def test_without_the_rows_it_says_so(tmp_path: Path, damage: str) -> None:
    job = applied(tmp_path, prepared(tmp_path, ROWS))
    [path] = (tmp_path / ".ftrunner" / "runs").glob("*/rows-*.bin")
    data = path.read_bytes()
    path.unlink()
    if damage == "torn":
        path.write_bytes(data[:-8])
    elif damage == "foreign":
        header, _, body = data.partition(b"\n")
        streams = {"rows": {"train": "0" * 64}}
        path.write_bytes(json.dumps(json.loads(header) | streams).encode() + b"\n" + body)
    elif damage == "folder":
        path.mkdir()

    change = since(tmp_path, job, prepared(tmp_path, ROWS[1:]))

    assert change == DataChange("ftjob-1", unknown=UNKNOWN)


def test_a_copy_that_is_whole_goes_before_one_that_is_torn(tmp_path: Path) -> None:
    job = applied(tmp_path, prepared(tmp_path, ROWS))
    torn = tmp_path / ".ftrunner" / "runs" / "zz" / row_hashes.file_name(wanted_streams(job))
    torn.parent.mkdir()
    torn.write_bytes(b"half")

    change = since(tmp_path, job, prepared(tmp_path, ROWS[1:]))

    assert change is not None
    assert change.unknown is None


def wanted_streams(job: JobRecord) -> dict[str, str]:
    return {"train": job.inputs["train"]}
