"""What a stretch of lines adds up to; stretches merge in file order, in any grouping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

from ftrunner.dataset.lines.faults import Cause, Fault, bounded
from ftrunner.dataset.totals.row_hashes import Trail

# A dataset with more different system prompts than this has them on purpose.
MOST_SYSTEMS = 64
# A bound on memory: a file may have another fault on each line.
MOST_CAUSES = 2000


@dataclass(frozen=True, slots=True)
class SplitStats:
    """The part of a stretch that belongs to one split; `tokens` is 0 where none were counted.

    `billed` are the tokens left when each example is cut at the model's limit. Of `coarse` examples
    at least so many tokens are trained on as were counted. `digests` are the sha256 of its rows.
    """

    examples: int = 0
    tokens: int = 0
    billed: int = 0
    longest: int = 0
    roles: Counter[str] = field(default_factory=Counter)
    coarse: int = 0
    digests: bytes = field(default=b"", repr=False)

    def __add__(self, other: SplitStats) -> SplitStats:
        return SplitStats(
            self.examples + other.examples,
            self.tokens + other.tokens,
            self.billed + other.billed,
            max(self.longest, other.longest),
            self.roles + other.roles,
            self.coarse + other.coarse,
            self.digests + other.digests,
        )


@dataclass(frozen=True, slots=True)
class SystemPrompts:
    """System prompts by hash: how often each occurs and on which line first; 0 stands for none.

    `many` once there are more than MOST_SYSTEMS: then none is remembered.
    """

    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    many: bool = False

    def followed_by(self, other: SystemPrompts, lines: int) -> SystemPrompts:
        """These prompts and then `other`'s, which begin `lines` lines later."""
        seen = dict(self.seen)
        for prompt, (times, line) in other.seen.items():
            before, first = seen.get(prompt, (0, line + lines))
            seen[prompt] = (before + times, first)
        if self.many or other.many or len(seen) > MOST_SYSTEMS:
            return SystemPrompts(many=True)
        return SystemPrompts(seen)


@dataclass(frozen=True, slots=True)
class BlockStats:
    """Lines checked: how many, what each split got of them, their faults with line numbers.

    `lengths` counts lines by how many bits their length in bytes takes; `longest` is the greatest
    length, and the number of its line. `causes` counts the rows that have a fault of each cause.
    """

    lines: int = 0
    train: SplitStats = field(default_factory=SplitStats)
    validation: SplitStats = field(default_factory=SplitStats)
    faults: tuple[Fault, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    trail: Trail = field(default_factory=Trail)
    systems: SystemPrompts = field(default_factory=SystemPrompts)
    lengths: Counter[int] = field(default_factory=Counter)
    longest: tuple[int, int] = (0, 0)
    causes: Counter[Cause] = field(default_factory=Counter)

    def without_digests(self) -> BlockStats:
        """The same once the digests of its rows were taken in."""
        train, validation = (replace(each, digests=b"") for each in (self.train, self.validation))
        return replace(self, train=train, validation=validation)

    def __add__(self, other: BlockStats) -> BlockStats:
        """This stretch followed by `other`, whose line numbers move behind this one's."""
        moved = (replace(fault, line=(fault.line or 0) + self.lines) for fault in other.faults)
        length, line = other.longest
        return BlockStats(
            self.lines + other.lines,
            self.train + other.train,
            self.validation + other.validation,
            bounded((*self.faults, *moved)),
            self.counts + other.counts,
            self.trail + other.trail,
            self.systems.followed_by(other.systems, self.lines),
            self.lengths + other.lengths,
            max(self.longest, (length, line + self.lines), key=lambda longest: longest[0]),
            bounded_causes(self.causes, other.causes),
        )


def bounded_causes(*counts: Counter[Cause]) -> Counter[Cause]:
    """The sum of `counts`; of more than MOST_CAUSES causes only the first ones are counted."""
    total: Counter[Cause] = Counter()
    for counted in counts:
        if len(total) + len(counted) <= MOST_CAUSES:
            total.update(counted)
        else:
            for cause, rows in counted.items():
                if cause in total or len(total) < MOST_CAUSES:
                    total[cause] += rows
    return total


def merged(tallies: Iterable[BlockStats]) -> BlockStats:
    """The tallies in order as one. Like meets like in size, so that no long one is copied often,
    and no more than a few wait at any time.
    """
    waiting: list[tuple[int, BlockStats]] = []
    for tally in tallies:
        rank = 0
        while waiting and waiting[-1][0] == rank:
            tally = waiting.pop()[1] + tally
            rank += 1
        waiting.append((rank, tally))
    return reduce(lambda later, earlier: earlier[1] + later, reversed(waiting), BlockStats())
