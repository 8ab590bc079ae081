from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.totals.block_stats import (
    MOST_SYSTEMS,
    BlockStats,
    SplitStats,
    SystemPrompts,
    merged,
)
from ftrunner.dataset.totals.row_hashes import trail

SMALL = st.integers(0, 5)


@st.composite
def tallies(draw: st.DrawFn) -> BlockStats:
    rows = draw(st.lists(st.binary(max_size=3), max_size=4))
    numbers = range(1, len(rows) + 1)
    codes = st.sampled_from(["FT211", "FT240"])
    faults = tuple(Fault(draw(codes), "", line=line) for line in numbers if draw(st.booleans()))
    share = SplitStats(
        draw(SMALL), draw(SMALL), draw(SMALL), draw(SMALL), Counter(user=draw(SMALL) + 1)
    )
    seen = {draw(SMALL): (draw(SMALL) + 1, line) for line in numbers}
    lengths = [len(row) for row in rows]
    longest = max(lengths, default=0)
    return BlockStats(
        len(rows),
        share,
        SplitStats(draw(SMALL)),
        faults,
        Counter(fault.code for fault in faults),
        trail(rows, rows),
        SystemPrompts(seen),
        Counter(length.bit_length() for length in lengths),
        (longest, lengths.index(longest) + 1 if longest else 0),
    )


@given(tallies(), tallies(), tallies())
def test_merging_is_associative(one: BlockStats, two: BlockStats, three: BlockStats) -> None:
    assert (one + two) + three == one + (two + three)


@given(st.lists(tallies(), max_size=12))
def test_any_number_merges_as_one_after_the_other(parts: list[BlockStats]) -> None:
    assert merged(parts) == reduce(add, parts, BlockStats())


def test_lines_move_behind_those_before() -> None:
    first = BlockStats(lines=7, longest=(10, 3))
    second = BlockStats(
        lines=2,
        faults=(Fault("FT211", "", line=2),),
        systems=SystemPrompts({5: (1, 1)}),
        longest=(11, 2),
    )

    both = first + second

    assert [fault.line for fault in both.faults] == [9]
    assert both.systems.seen == {5: (1, 8)}
    assert both.longest == (11, 9)


def test_more_system_prompts_than_anyone_means_are_forgotten() -> None:
    half = dict.fromkeys(range(MOST_SYSTEMS), (1, 1))
    other = {number + 9: (1, 1) for number in range(MOST_SYSTEMS)}

    assert (
        BlockStats(systems=SystemPrompts(half)) + BlockStats(systems=SystemPrompts(half))
    ).systems.seen
    assert (
        BlockStats(systems=SystemPrompts(half)) + BlockStats(systems=SystemPrompts(other))
    ).systems.many
