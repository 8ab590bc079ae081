"""Reading the files of a dataset once: every block is checked, counted and hashed as it passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ftrunner.dataset import sniff
from ftrunner.dataset.check import Checker
from ftrunner.dataset.faults import Fault, bounded
from ftrunner.dataset.prepared import Preparation
from ftrunner.dataset.reader import DataFile, ReadError, read_blocks, read_head
from ftrunner.dataset.tally import Share, Tally
from ftrunner.diagnostics import Finding


@dataclass(frozen=True, slots=True)
class Scan:
    """What files add up to; findings are bounded per code, `counts` has them all."""

    train: Share = field(default_factory=Share)
    validation: Share = field(default_factory=Share)
    findings: tuple[Finding, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Scan) -> Scan:
        return Scan(
            self.train + other.train,
            self.validation + other.validation,
            bounded((*self.findings, *other.findings)),
            self.counts + other.counts,
        )


def scan_files(
    files: Iterable[DataFile], checker: Checker, preparations: Sequence[Preparation]
) -> Scan:
    """Check every line of `files` and add their bytes to `preparations`, in order."""
    return sum((_scan(file, checker, preparations) for file in files), Scan())


def _scan(file: DataFile, checker: Checker, preparations: Sequence[Preparation]) -> Scan:
    tally = Tally()
    try:
        whole_file = sniff.not_lines(read_head(file))
        if whole_file is not None:
            return _of_faults(file, [whole_file])
        for block in read_blocks(file):
            tally += checker.block(block)
            for preparation in preparations:
                preparation.add(block)
    except ReadError as error:
        return _of_tally(file, tally) + _of_faults(
            file, [Fault("FT203", f"reading failed: {error}")]
        )
    return _of_tally(file, tally)


def _of_tally(file: DataFile, tally: Tally) -> Scan:
    findings = tuple(fault.finding(file.display) for fault in tally.faults)
    return Scan(tally.train, tally.validation, findings, tally.counts)


def _of_faults(file: DataFile, faults: Sequence[Fault]) -> Scan:
    findings = tuple(fault.finding(file.display) for fault in faults)
    return Scan(findings=findings, counts=Counter(fault.code for fault in faults))
