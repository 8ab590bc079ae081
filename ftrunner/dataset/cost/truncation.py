"""Examples that the model would not read to their end, found without counting all tokens.

A token takes at least a byte of a line, so only a line of more bytes than the model reads tokens
can be cut. Those are counted; where there are none, no vocabulary is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.cost.tokens import PER_IMAGE, TokenCounter
from ftrunner.dataset.files.prepared import PreparedStream
from ftrunner.dataset.files.reader import ReadError, read_blocks
from ftrunner.dataset.lines import line
from ftrunner.dataset.lines.faults import bounded
from ftrunner.dataset.report import DatasetReport, SplitReport
from ftrunner.dataset.totals.accumulate import cut
from ftrunner.findings import Finding


def with_cut_examples(
    report: DatasetReport, limit: int, load: Callable[[], TokenCounter]
) -> DatasetReport:
    """The report with a finding (FT242) for each example of more than `limit` tokens."""
    counter = load()
    found = [finding for split in report.splits.values() for finding in _cut(split, limit, counter)]
    return replace(report, findings=bounded((*report.findings, *found)))


def _cut(split: SplitReport, limit: int, counter: TokenCounter) -> Iterator[Finding]:
    """Reads the split once more, as far as it can be read."""
    checker = Checker(Settings(split.format))
    with suppress(ReadError):
        for file, line, row in examples_of(split.stream):
            if may_exceed(row, limit):
                facts = checker.facts(row)
                count = 0 if facts is None else facts.tokens(counter)
                if count > limit:
                    yield cut(count, limit).at_line(line).finding(file)


def examples_of(stream: PreparedStream) -> Iterator[tuple[str, int, bytes]]:
    """Every row of a split that is not blank: its file, its line there and its bytes.

    Raises ReadError.
    """
    for file in stream.sources:
        rows = (row for block in read_blocks(file) for row in block.split(b"\n")[:-1])
        for number, row in enumerate(rows, start=1):
            mine = stream.selection is None or stream.selection.holds(row)
            if mine and not line.is_blank(row):
                yield file.display, number, row


def may_exceed(row: bytes, limit: int) -> bool:
    """Whether a row can have more tokens: each takes at least a byte, but for those of images."""
    return len(row) + PER_IMAGE * row.count(b"image_url") > limit
