"""What changed in the data since it was applied last, told by the hashes of its rows.

Last applied is the dataset of the job that the lock file records at that endpoint, whatever became
of the job. Its rows are kept in the evidence of the run that asked for the job, or adopted it,
before the job is recorded. They are found by the hashes of its splits, which the lock file has; on
another machine they are not there, and nothing can be said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from pathlib import Path

from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.files.sources import BOTH
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.totals import row_index_file
from ftrunner.dataset.totals.diff import Difference, difference
from ftrunner.dataset.totals.row_hashes import Trail
from ftrunner.dataset.totals.row_index_file import KeptRows
from ftrunner.engine.context import Run
from ftrunner.engine.plan import DesiredState, rows_of
from ftrunner.state.lock import Record

Trails = Mapping[str, Trail]


@dataclass(frozen=True, slots=True)
class DataChange:
    """How the data differs from that of the job `against`, split by split.

    `tokens` are those of an epoch, before and now, where both were counted exactly by the same
    vocabulary. `rewritten` says that the rows are the same and only their bytes are others;
    `unknown` why nothing can be said.
    """

    against: str
    splits: Mapping[str, Difference] = field(default_factory=dict)
    tokens: tuple[int, int] | None = None
    unknown: str | None = None
    rewritten: bool = False


def data_change(
    record: Record,
    wanted: DesiredState,
    report: DatasetReport,
    runs: Path,
    estimate: Estimate | None = None,
) -> DataChange | None:
    """The change since the job of `record`, whose rows are sought below `runs`; None where there is
    none.

    Reads, and raises nothing for what is not there or cannot be read.
    """
    job = record.job
    if job is None:
        return None
    if rows_of(job.inputs) == wanted.rows:
        return DataChange(job.id, rewritten=True) if _is_rewritten(record, wanted) else None
    before = _find(runs, rows_of(job.inputs))
    if before is None:
        return DataChange(job.id, unknown="the hashes of its rows are not on this machine")
    pairs = _paired(before.trails, report.trails)
    return DataChange(
        job.id,
        {split: difference(old, new) for split, (old, new) in pairs.items()},
        _tokens(before, wanted, estimate),
    )


def keep_rows(
    run: Run, wanted: DesiredState, report: DatasetReport, estimate: Estimate | None
) -> None:
    """Keep the rows of the dataset, before its job is asked for. Raises StateError."""
    rows = KeptRows(wanted.rows, report.trails, wanted.inputs["model"], _counted(estimate))
    run.evidence.keep(row_index_file.file_name(rows.rows), rows.to_bytes())


def _is_rewritten(record: Record, wanted: DesiredState) -> bool:
    """Whether the bytes are others than those that were sent."""
    sent = {split: record.files[split].sha256 for split in wanted.streams if split in record.files}
    return any(wanted.streams[split] != sha256 for split, sha256 in sent.items())


def _find(runs: Path, hashes: Mapping[str, str]) -> KeptRows | None:
    """The rows of splits with these hashes, as the latest run that had them kept them."""
    return next((found for found in _readable(runs, hashes) if found.rows == hashes), None)


def _readable(runs: Path, hashes: Mapping[str, str]) -> Iterator[KeptRows]:
    for path in sorted(runs.glob(f"*/{row_index_file.file_name(hashes)}"), key=_time, reverse=True):
        with suppress(OSError, ValueError):
            yield row_index_file.read(path)


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
