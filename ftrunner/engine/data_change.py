"""What changed in the data since it was last applied, by the hashes of its rows.

Last applied is the dataset of the job that the lock file records at that endpoint, whatever became
of the job. Its rows are kept in the log of the run that created the job, or adopted it,
before the job is recorded. They are found by the hashes of its splits, which the lock file has. On
another machine they are not there; then git is asked for the data of that time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain
from operator import add
from pathlib import Path

from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.files.sources import BOTH
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.totals import row_hashes
from ftrunner.dataset.totals.diff import ChangedRows, changed_rows
from ftrunner.dataset.totals.row_hashes import Files, KeptRows, Trail
from ftrunner.engine.context import Run
from ftrunner.engine.plan import DesiredState, rows_of
from ftrunner.state.lock import JobRecord, Record

Trails = Mapping[str, Trail]
# Finds the report of the data of a job, where there is one.
Recall = Callable[[JobRecord], DatasetReport | None]

UNKNOWN = "its rows are neither on this machine nor in a commit of this repository"


@dataclass(frozen=True, slots=True)
class DataChange:
    """How the data differs from that of the job `against`, split by split.

    `tokens` are those of an epoch, before and now, where both were counted exactly by the same
    vocabulary. `before` and `after` are the files of the rows, where they are known. `rewritten`
    says that the rows are the same and only their bytes are others; `unknown` why nothing can be
    said.
    """

    against: str
    splits: Mapping[str, ChangedRows] = field(default_factory=dict)
    tokens: tuple[int, int] | None = None
    unknown: str | None = None
    rewritten: bool = False
    before: Mapping[str, Files] = field(default_factory=dict, compare=False)
    after: Mapping[str, Files] = field(default_factory=dict, compare=False)


def data_change(
    record: Record,
    wanted: DesiredState,
    report: DatasetReport,
    runs: Path,
    estimate: Estimate | None = None,
    *,
    recall: Recall = lambda _: None,
) -> DataChange | None:
    """The change since the job of `record`, or None. Its rows are looked up below `runs`, and else
    by `recall`.

    Reads, and raises nothing for what is not there or cannot be read.
    """
    job = record.job
    if job is None:
        return None
    if rows_of(job.inputs) == wanted.rows:
        return DataChange(job.id, rewritten=True) if _is_rewritten(record, wanted) else None
    before = _find(runs, rows_of(job.inputs))
    if before is not None:
        change = _change(job, before.trails, report)
        return replace(change, tokens=_tokens(before, wanted, estimate))
    recalled = recall(job)
    if recalled is None:
        return DataChange(job.id, unknown=UNKNOWN)
    change = _change(job, recalled.trails, report)
    return replace(change, before=_files(recalled, change.splits))


def _change(job: JobRecord, before: Trails, report: DatasetReport) -> DataChange:
    pairs = _paired(before, report.trails)
    splits = {split: changed_rows(old, new) for split, (old, new) in pairs.items()}
    return DataChange(job.id, splits, after=_files(report, splits))


def _files(report: DatasetReport, splits: Collection[str]) -> Mapping[str, Files]:
    """The files of the splits as `_paired` has them."""
    if BOTH in splits and BOTH not in report.files:
        return {BOTH: [*chain.from_iterable(report.files.values())]}
    return report.files


def keep_rows(
    run: Run, wanted: DesiredState, report: DatasetReport, estimate: Estimate | None
) -> None:
    """Keep the rows of the dataset, before its job is asked for. Raises StateError."""
    rows = KeptRows(wanted.rows, report.trails, wanted.inputs["model"], _counted(estimate))
    run.log.keep(row_hashes.file_name(rows.rows), rows.to_bytes())


def _is_rewritten(record: Record, wanted: DesiredState) -> bool:
    """Whether the bytes are others than those that were sent."""
    sent = {split: record.files[split].sha256 for split in wanted.streams if split in record.files}
    return any(wanted.streams[split] != sha256 for split, sha256 in sent.items())


def _find(runs: Path, hashes: Mapping[str, str]) -> KeptRows | None:
    """The rows of splits with these hashes, as the latest run that had them kept them."""
    return next((found for found in _readable(runs, hashes) if found.rows == hashes), None)


def _readable(runs: Path, hashes: Mapping[str, str]) -> Iterator[KeptRows]:
    for path in sorted(runs.glob(f"*/{row_hashes.file_name(hashes)}"), key=_time, reverse=True):
        with suppress(OSError, ValueError):
            yield row_hashes.read(path)


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _paired(before: Trails, after: Trails) -> dict[str, tuple[Trail, Trail]]:
    """Split by split; all together where one of the two has a split cut from the other."""
    if (BOTH in before) != (BOTH in after):
        return {BOTH: (_whole(before), _whole(after))}
    splits = dict.fromkeys((*before, *after))
    return {split: (before.get(split, Trail()), after.get(split, Trail())) for split in splits}


def _whole(trails: Trails) -> Trail:
    return reduce(add, trails.values(), Trail())


def _tokens(
    before: KeptRows, wanted: DesiredState, estimate: Estimate | None
) -> tuple[int, int] | None:
    now = _counted(estimate)
    if before.tokens is None or now is None or before.model != wanted.inputs["model"]:
        return None
    return before.tokens, now


def _counted(estimate: Estimate | None) -> int | None:
    """The tokens of an epoch, where all were counted."""
    return estimate.tokens_per_epoch if estimate and not estimate.sample else None
