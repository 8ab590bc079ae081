"""Reading the files of a dataset: every block is checked, counted and hashed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.files import sniff
from ftrunner.dataset.files.prepared import Preparation
from ftrunner.dataset.files.reader import (
    BLOCK,
    DataFile,
    ReadError,
    plain_size,
    read_blocks,
    read_head,
    read_pieces,
    read_range,
    reason,
)
from ftrunner.dataset.lines.faults import BLANK, Fault
from ftrunner.dataset.totals.block_stats import BlockStats, merged

# Ranges that wait for workers, or their tallies for those before: a bound on memory.
_AHEAD = 16
_RANGE = 16 * BLOCK

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
    preparations: Sequence[Preparation],
    executor: Executor | None = None,
) -> Scanned:
    """Check every line of `file` and add its bytes to `preparations`.

    With an executor its workers check, each reading a range of the file, while this process
    hashes; compressed files are read here in any case.
    """
    try:
        not_lines = sniff.not_lines(read_head(file))
        if not_lines is not None:
            return Scanned(file, faults=(not_lines,))
        before = _state(file)
        if executor is None or file.compressed:
            tallies = _in_this_process(file, settings, preparations)
        else:
            tallies = _by_workers(file, settings, preparations, executor)
        tally = merged(_hashed(_with_few_blank_lines(tallies), preparations))
        return Scanned(file, tally, () if _state(file) == before else (CHANGED,))
    except BlankLinesError:
        return Scanned(file, faults=(MOSTLY_BLANK,))
    except ReadError as error:
        return Scanned(file, faults=(Fault("FT203", f"reading failed: {error}"),))
    except BrokenExecutor:
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


def _with_few_blank_lines(tallies: Iterable[BlockStats]) -> Iterator[BlockStats]:
    """The tallies, as long as there are not too many blank lines. Raises BlankLinesError."""
    blank = 0
    for tally in tallies:
        blank += tally.counts[BLANK]
        if blank > MOST_BLANK:
            raise BlankLinesError
        yield tally


def _hashed(
    tallies: Iterable[BlockStats], preparations: Sequence[Preparation]
) -> Iterator[BlockStats]:
    """The tallies, the digests of whose rows are added to `preparations` in file order."""
    for tally in tallies:
        for preparation in preparations:
            preparation.add_rows(tally)
        yield tally.without_digests()


def _state(file: DataFile) -> tuple[int, int]:
    """What changes when somebody writes to the file: its size and its time."""
    try:
        status = file.path.stat()
    except OSError as error:
        raise ReadError(reason(error)) from error
    return status.st_size, status.st_mtime_ns


def _in_this_process(
    file: DataFile, settings: Settings, preparations: Sequence[Preparation]
) -> Iterator[BlockStats]:
    check = checker(settings).block
    for block in read_blocks(file):
        for preparation in preparations:
            preparation.add(block)
        yield check(block)


def _by_workers(
    file: DataFile, settings: Settings, preparations: Sequence[Preparation], executor: Executor
) -> Iterator[BlockStats]:
    """Ranges are checked while the file is hashed here; their tallies come in file order."""
    ranges = (
        executor.submit(check_range, file, start, start + _RANGE, settings)
        for start in _starts(file)
    )
    waiting = deque(islice(ranges, _AHEAD))
    for _ in _added(file, preparations):
        while waiting and waiting[0].done():
            waiting.extend(islice(ranges, 1))
            yield waiting.popleft().result()
    while waiting:
        waiting.extend(islice(ranges, 1))
        yield waiting.popleft().result()


def _added(file: DataFile, preparations: Sequence[Preparation]) -> Iterator[None]:
    """Add the file to `preparations`, piece by piece, or only its size where that is enough."""
    if all(preparation.takes_size for preparation in preparations):
        size = plain_size(file)
        for preparation in preparations:
            preparation.add_size(size)
        return
    by_line = any(preparation.takes_lines for preparation in preparations)
    read: Callable[..., Iterator[bytes | memoryview]] = read_blocks if by_line else read_pieces
    for data in read(file):
        for preparation in preparations:
            preparation.add(data)
        yield


def _starts(file: DataFile) -> range:
    return range(0, _state(file)[0], _RANGE)


def check_range(file: DataFile, start: int, end: int, settings: Settings) -> BlockStats:
    """Check the lines that begin in a range of a file; what a worker does.

    Raises ReadError and BlankLinesError.
    """
    tallies = map(checker(settings).block, read_range(file, start, end))
    return merged(_with_few_blank_lines(tallies))


@lru_cache(maxsize=2)
def checker(settings: Settings) -> Checker:
    """The checker for settings. A worker gets the same settings with every range, and making a
    checker (schemas, a vocabulary) is slow.
    """
    return Checker(settings)
