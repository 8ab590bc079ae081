"""What changed between two datasets, by the hashes of their rows."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

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


@dataclass(frozen=True, slots=True)
class ChangedRows:
    """The rows that differ, by their indexes: `added` in the dataset after, `removed` in the one
    before, `changed` in both.
    """

    added: Sequence[int]
    removed: Sequence[int]
    changed: Sequence[tuple[int, int]]
    unchanged: int

    @property
    def difference(self) -> Difference:
        """How many they are."""
        return Difference(len(self.added), len(self.removed), len(self.changed), self.unchanged)


def changed_rows(before: Trail, after: Trail) -> ChangedRows:
    """What has to happen to the rows of `before` to make those of `after`."""
    rows = _match(before.rows, after.rows)
    prompts = _match(
        array("Q", [before.prompts[index] for index in rows.gone]),
        array("Q", [after.prompts[index] for index in rows.come]),
    )
    pairs = zip(prompts.old, prompts.new, strict=True)
    changed = sorted((rows.gone[old], rows.come[new]) for old, new in pairs)
    olds, news = ({pair[side] for pair in changed} for side in (0, 1))
    return ChangedRows(
        added=[index for index in rows.come if index not in news],
        removed=[index for index in rows.gone if index not in olds],
        changed=changed,
        unchanged=len(rows.old),
    )


@dataclass(frozen=True, slots=True)
class _Matched:
    """Equal hashes, each as an index in `old` and one in `new`; and the indexes of the others."""

    old: array[int]
    new: array[int]
    gone: array[int]
    come: array[int]


def _match(before: array[int], after: array[int]) -> _Matched:
    """Match each hash with an equal one, first with first; those of nothing are left out."""
    found = _Matched(array("Q"), array("Q"), array("Q"), array("Q"))
    count = max(len(before), len(after)) // _AT_ONCE + 1
    for olds, news in zip(_portioned(before, count), _portioned(after, count), strict=True):
        waiting: dict[int, list[int]] = {}
        for index in reversed(olds):
            waiting.setdefault(before[index], []).append(index)
        for index in news:
            if same := waiting.get(after[index]):
                found.old.append(same.pop())
                found.new.append(index)
            else:
                found.come.append(index)
        found.gone.extend(chain.from_iterable(waiting.values()))
    gone, come = (array("Q", sorted(indexes)) for indexes in (found.gone, found.come))
    return replace(found, gone=gone, come=come)


def _portioned(hashes: array[int], count: int) -> list[array[int]]:
    """The indexes of the hashes in portions; those of equal hashes are in the same portion."""
    portions = [array("Q") for _ in range(count)]
    for index, value in enumerate(hashes):
        if value != NOTHING:
            portions[value % count].append(index)
    return portions


def rows_of(file: DataFile, method: Method) -> tuple[Trail, int]:
    """The hashes of all rows of `file`, and how many are left out, as they are not examples.

    Raises ReadError.
    """
    check = checker(Settings(expected(method, first_line([file])))).block
    tally = merged(map(check, read_blocks(file)))
    unread = tally.trail.rows.count(NOTHING) - tally.counts[BLANK]
    return tally.trail, unread
