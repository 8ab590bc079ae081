"""Reading the files of a dataset: every block is checked, counted and hashed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.files import sniff
from ftrunner.dataset.files.prepared import StreamHasher
from ftrunner.dataset.files.reader import DataFile, ReadError, read_blocks, read_head, reason
from ftrunner.dataset.lines.faults import BLANK, Fault
from ftrunner.dataset.totals.block_stats import BlockStats, merged

# Checks every line of a file, adds its bytes to hashers, and gives tallies in file order.
Reading = Callable[[DataFile, Settings, Sequence[StreamHasher]], Iterator[BlockStats]]

# Blank lines compress to nothing, and each is remembered in a few bytes: a bound on memory, too.
MOST_BLANK = 1_000_000


@dataclass(frozen=True, slots=True)
class Scanned:
    """A file and what its lines add up to; `faults` are about the file as a whole."""

    file: DataFile
    tally: BlockStats = field(default_factory=BlockStats)
    faults: tuple[Fault, ...] = ()


def scan_file(
    file: DataFile,
    settings: Settings,
    hashers: Sequence[StreamHasher],
    by_workers: Reading | None = None,
) -> Scanned:
    """Check every line of `file` and add its bytes to `hashers`.

    This process does both, unless workers help; compressed files are read here in any case.
    """
    try:
        not_lines = sniff.not_lines(read_head(file))
        if not_lines is not None:
            return Scanned(file, faults=(not_lines,))
        before = state_of(file)
        read = _in_this_process if by_workers is None or file.compressed else by_workers
        tallies = read(file, settings, hashers)
        tally = merged(_hashed(with_few_blank_lines(tallies), hashers))
        return Scanned(file, tally, () if state_of(file) == before else (CHANGED,))
    except BlankLinesError:
        return Scanned(file, faults=(MOSTLY_BLANK,))
    except ReadError as error:
        return Scanned(file, faults=(Fault("FT203", f"reading failed: {error}"),))
    except WorkerEndedError:
        hint = "it may have run out of memory; check again"
        return Scanned(file, faults=(Fault("FT203", "a worker process ended early", hint=hint),))


MOSTLY_BLANK = Fault(
    BLANK,
    f"more than {MOST_BLANK:,} lines are blank; the file was read no further",
    hint=f"`ftrunner data fix --repair {BLANK}` removes them",
)
CHANGED = Fault(
    "FT207",
    "the file changed while it was read",
    hint="wait until whatever writes it is done, and check again",
)


class BlankLinesError(Exception):
    """There are more than MOST_BLANK blank lines."""


class WorkerEndedError(Exception):
    """A worker process ended before its work did."""


def with_few_blank_lines(tallies: Iterable[BlockStats]) -> Iterator[BlockStats]:
    """The tallies, as long as there are not too many blank lines. Raises BlankLinesError."""
    blank = 0
    for tally in tallies:
        blank += tally.counts[BLANK]
        if blank > MOST_BLANK:
            raise BlankLinesError
        yield tally


def _hashed(tallies: Iterable[BlockStats], hashers: Sequence[StreamHasher]) -> Iterator[BlockStats]:
    """The tallies, the digests of whose rows are added to `hashers` in file order."""
    for tally in tallies:
        for hasher in hashers:
            hasher.add_rows(tally)
        yield tally.without_digests()


def state_of(file: DataFile) -> tuple[int, int]:
    """What changes when somebody writes to the file: its size and its time."""
    try:
        status = file.path.stat()
    except OSError as error:
        raise ReadError(reason(error)) from error
    return status.st_size, status.st_mtime_ns


def _in_this_process(
    file: DataFile, settings: Settings, hashers: Sequence[StreamHasher]
) -> Iterator[BlockStats]:
    check = checker(settings).block
    for block in read_blocks(file):
        for hasher in hashers:
            hasher.add(block)
        yield check(block)


@lru_cache(maxsize=2)
def checker(settings: Settings) -> Checker:
    """The checker for settings. A worker gets the same settings with every range, and making a
    checker (schemas, a vocabulary) is slow.
    """
    return Checker(settings)
