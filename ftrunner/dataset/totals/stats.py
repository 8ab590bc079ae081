"""Figures about data files: how much of what, how long, in which scripts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ftrunner.dataset.files.reader import DataFile, ReadError, read_blocks
from ftrunner.dataset.files.sources import BOTH
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import line
from ftrunner.dataset.lines.conversation import Example
from ftrunner.dataset.lines.forms import Form, validator
from ftrunner.dataset.report import DatasetReport, Sample, SplitReport
from ftrunner.dataset.totals.row_hashes import NOTHING, Trail

# Scripts are recognised from so many lines at the beginning of each file.
SAMPLED_LINES = 2000
# Hashes looked at together when repeated ones are counted: a bound on memory.
_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures about one split. `histogram` counts lines by the upper bound of their bytes."""

    examples: int
    size: int
    roles: Mapping[str, int]
    histogram: tuple[tuple[int, int], ...]
    scripts: Mapping[str, float]
    duplicates: int
    tokens: int | None
    longest: int | None
    sample: Sample | None = None
    coarse: int = 0


def statistics(split: SplitReport, report: DatasetReport) -> Statistics:
    """The figures of a split of `report`. Scripts come from a sample of lines.

    `duplicates` counts rows that came before; where one split was cut from the other, in both.
    """
    trails = report.trails
    trail = trails.get(split.stream.split) or trails.get(BOTH) or Trail()
    return Statistics(
        examples=split.examples,
        size=split.stream.size,
        roles=dict(sorted(split.roles.items(), key=lambda role: -role[1])),
        histogram=tuple((2**bits, split.lengths[bits]) for bits in sorted(split.lengths) if bits),
        scripts=_shares(split.stream.sources, split.format),
        duplicates=_repeated(trail.rows),
        tokens=split.tokens,
        longest=split.longest,
        sample=split.sample,
        coarse=split.coarse,
    )


def _repeated(rows: Sequence[int]) -> int:
    """How many rows came before, counted a portion of the hashes at a time."""
    portions = len(rows) // _AT_ONCE + 1
    count = 0
    for portion in range(portions):
        some = [row for row in rows if row % portions == portion and row != NOTHING]
        count += len(some) - len(set(some))
    return count


def _shares(files: Sequence[DataFile], format_: Format) -> dict[str, float]:
    """The share of each script among the letters of a sample, the most frequent first."""
    counts: Counter[str] = Counter()
    for file in files:
        for row in islice(_rows(file), SAMPLED_LINES):
            value = line.parse(row).value
            if value is not None and validator(Form(format_)).is_valid(value):
                for _, text in Example(value, format_).texts:
                    counts += scripts_of(text)
    return {name: count / counts.total() for name, count in counts.most_common()}


def _rows(file: DataFile) -> Iterator[bytes]:
    """The file's lines as far as they can be read."""
    try:
        for block in read_blocks(file):
            yield from block.split(b"\n")[:-1]
    except ReadError:
        return


# Unicode blocks of the scripts most data is written in; everything else is "Other".
_BLOCKS = {
    "Latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
    "Kana": "\u3040-\u30ff\uff66-\uff9d",
    "Hangul": "\u1100-\u11ff\uac00-\ud7a3",
    "Cyrillic": "\u0400-\u052f",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
    "Devanagari": "\u0900-\u097f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebrew": "\u0590-\u05ff",
    "Thai": "\u0e00-\u0e7f",
}
_PATTERNS = {name: re.compile(f"[{block}]+") for name, block in _BLOCKS.items()}
_OTHER = re.compile(f"[^\\W\\d_{''.join(_BLOCKS.values())}]+")


def scripts_of(text: str) -> Counter[str]:
    """How many letters of each script `text` has."""
    counts = Counter(
        {name: sum(map(len, pattern.findall(text))) for name, pattern in _PATTERNS.items()}
    )
    counts["Other"] = sum(map(len, _OTHER.findall(text)))
    return +counts
