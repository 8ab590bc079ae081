"""What changed between two datasets, told by the hashes of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ftrunner.dataset.check import Settings
from ftrunner.dataset.files.reader import DataFile, read_blocks
from ftrunner.dataset.files.sniff import first_line
from ftrunner.dataset.formats import expected
from ftrunner.dataset.lines.faults import BLANK
from ftrunner.dataset.scan import checker
from ftrunner.dataset.totals.block_stats import merged
from ftrunner.dataset.totals.row_hashes import NOTHING, Trail
from ftrunner.spec.model import Method

# Rows compared together: a bound on memory, some 200 bytes each.
_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows that are new, gone, or have another answer to the same prompt; order does not count."""

    added: int
    removed: int
    changed: int
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __str__(self) -> str:
        """`+120 −3 ~7 rows`."""
        return f"+{self.added:,} −{self.removed:,} ~{self.changed:,} rows"


def difference(before: Trail, after: Trail) -> Difference:
    """What has to happen to the rows of `before` to make those of `after`."""
    gone, come, unchanged = Trail(), Trail(), 0
    for old, new in _portions(before, after):
        gone += _beyond(old, new)
        come += _beyond(new, old)
        unchanged += (_counted(old) & _counted(new)).total()
    changed = sum(
        (_counted(old) & _counted(new)).total()
        for old, new in _portions(_by_prompt(gone), _by_prompt(come))
    )
    return Difference(len(come.rows) - changed, len(gone.rows) - changed, changed, unchanged)


def _counted(trail: Trail) -> Counter[int]:
    return Counter(trail.rows)


def _beyond(these: Trail, those: Trail) -> Trail:
    """The rows of `these` that `those` has not, or not as often, each with its prompt."""
    left = _counted(these) - _counted(those)
    kept = Trail()
    for row, prompt in zip(these.rows, these.prompts, strict=True) if left else ():
        if left[row] > 0:
            left[row] -= 1
            kept.rows.append(row)
            kept.prompts.append(prompt)
    return kept


def _by_prompt(trail: Trail) -> Trail:
    """The prompts in the place of the rows."""
    return Trail(trail.prompts, trail.prompts)


def _portions(these: Trail, those: Trail) -> Iterator[tuple[Trail, Trail]]:
    """Both in portions, equal rows in the same one; rows that are nothing are left out."""
    count = max(len(these.rows), len(those.rows)) // _AT_ONCE + 1
    return zip(_portioned(these, count), _portioned(those, count), strict=True)


def _portioned(trail: Trail, count: int) -> list[Trail]:
    portions = [Trail() for _ in range(count)]
    for row, prompt in zip(trail.rows, trail.prompts, strict=True):
        if row != NOTHING:
            portions[row % count].rows.append(row)
            portions[row % count].prompts.append(prompt)
    return portions


def rows_of(file: DataFile, method: Method) -> tuple[Trail, int]:
    """The hashes of all rows of `file`, and how many are left out, as they are no examples.

    Raises ReadError.
    """
    check = checker(Settings(expected(method, first_line([file])))).block
    tally = merged(map(check, read_blocks(file)))
    unread = tally.trail.rows.count(NOTHING) - tally.counts[BLANK]
    return tally.trail, unread
