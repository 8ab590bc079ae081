"""What changed between two datasets, told by the hashes of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ftrunner.dataset.check import Settings
from ftrunner.dataset.formats import expected
from ftrunner.dataset.reader import DataFile, read_blocks
from ftrunner.dataset.scan import checker
from ftrunner.dataset.sniff import first_line
from ftrunner.dataset.tally import merged
from ftrunner.dataset.trail import NOTHING, Trail
from ftrunner.spec.model import Method


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
    old, new = Counter(before.rows), Counter(after.rows)
    del old[NOTHING], new[NOTHING]
    gone, come = old - new, new - old
    changed = _shared_prompts(before, gone, after, come)
    return Difference(
        added=come.total() - changed,
        removed=gone.total() - changed,
        changed=changed,
        unchanged=(old & new).total(),
    )


def _shared_prompts(before: Trail, gone: Counter[int], after: Trail, come: Counter[int]) -> int:
    return (_prompts(before, gone) & _prompts(after, come)).total()


def _prompts(trail: Trail, rows: Counter[int]) -> Counter[int]:
    """The prompts of those rows, as often as the rows are meant."""
    left = Counter(rows)
    prompts: Counter[int] = Counter()
    for row, prompt in zip(trail.rows, trail.prompts, strict=True):
        if left[row] > 0 and prompt != NOTHING:
            left[row] -= 1
            prompts[prompt] += 1
    return prompts


def trail_of(files: Iterable[DataFile], method: Method) -> Trail:
    """The hashes of all rows of `files`. Raises ReadError."""
    found = list(files)
    settings = Settings(expected(method, first_line(found)))
    return sum((_trail(file, settings) for file in found), Trail())


def _trail(file: DataFile, settings: Settings) -> Trail:
    check = checker(settings).block
    return merged(check(block) for block in read_blocks(file)).trail
