"""Tokens of very large datasets, counted in a sample of the examples and scaled by bytes.

The examples are drawn at random without replacement, the same ones of the same data each time. The
estimate is the sample's tokens a byte times all bytes (a ratio estimate), so its error stems from
how much the tokens a byte differ between examples, which is little. The interval is the normal
distribution's, corrected for the finite number of examples. Source: W. G. Cochran, Sampling
Techniques, 3rd edition, chapter 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import sqrt
from random import Random

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.cost.tokens import TokenCounter
from ftrunner.dataset.cost.truncation import examples_of, may_exceed
from ftrunner.dataset.files.reader import ReadError
from ftrunner.dataset.lines.faults import Fault, bounded
from ftrunner.dataset.report import DatasetReport, Sample, SplitReport
from ftrunner.dataset.totals.accumulate import cut
from ftrunner.findings import Finding, Severity

_IN_95_PERCENT = 1.96  # standard errors
# A smaller sample gives no estimate: its error is not known well enough.
_FEWEST = 30


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many examples of a split are counted, where it has more than twice as many."""

    examples: int = 20_000
    seed: int = 7

    def among(self, total: int) -> Collection[int]:
        """The indexes of the examples to count among `total`."""
        if total <= 2 * self.examples:
            return range(total)
        return frozenset(Random(self.seed).sample(range(total), self.examples))  # noqa: S311 - no secret


def counted(
    report: DatasetReport,
    sampling: Sampling,
    counter: TokenCounter,
    example_tokens: int | None,
) -> DatasetReport:
    """The report of a dataset, with the tokens of a sample of it; exact where a split is small.

    An example that training would cut is a finding where it was counted. How many others may be
    cut, judged by their bytes, is one too.
    """
    findings: list[Finding] = []

    def of(split: SplitReport | None) -> SplitReport | None:
        if split is None:
            return None
        drawn = _drawn(split, sampling.among(split.examples), counter, example_tokens)
        findings.extend(_findings(split, drawn, example_tokens))
        return _reported(split, drawn)

    train, validation = of(report.train), of(report.validation)
    return replace(
        report,
        train=train,
        validation=validation,
        findings=bounded((*report.findings, *findings)),
    )


@dataclass(slots=True)
class _Drawn:
    """What was counted: bytes, tokens and billed tokens of each example drawn."""

    sizes: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    billed: list[int] = field(default_factory=list)
    cut: list[Finding] = field(default_factory=list)
    may_be_cut: int = 0


def _drawn(
    split: SplitReport, chosen: Collection[int], counter: TokenCounter, limit: int | None
) -> _Drawn:
    """Read the split once more. As far as it can be read: that it changed is seen in the count."""
    checker, drawn = Checker(Settings(split.format)), _Drawn()
    with suppress(ReadError):
        for index, (file, line, row) in enumerate(examples_of(split.stream)):
            if index in chosen:
                facts = checker.facts(row)
                count = 0 if facts is None else facts.tokens(counter)
                drawn.sizes.append(len(row) + 1)
                drawn.tokens.append(count)
                drawn.billed.append(count if limit is None else min(count, limit))
                if limit is not None and count > limit:
                    drawn.cut.append(cut(count, limit).at_line(line).finding(file))
            elif limit is not None:
                drawn.may_be_cut += may_exceed(row, limit)
    return drawn


def _reported(split: SplitReport, drawn: _Drawn) -> SplitReport:
    total, examples = split.examples, len(drawn.tokens)
    if examples < min(total, _FEWEST):
        return split
    if examples == total:
        sample, scale = None, 1.0
    else:
        error = max(
            share_of_error(drawn.sizes, each, total) for each in (drawn.tokens, drawn.billed)
        )
        sample, scale = Sample(examples, total, error), split.stream.size / sum(drawn.sizes)
    return replace(
        split,
        tokens=round(scale * sum(drawn.tokens)),
        billed_tokens=round(scale * sum(drawn.billed)),
        longest=max(drawn.tokens, default=0),
        sample=sample,
    )


def share_of_error(sizes: Sequence[int], counts: Sequence[int], total: int) -> float:
    """Half of the 95 % interval of the scaled sum, as a share of it.

    `counts` were drawn among `total`; they are scaled as the `sizes` that belong to them.
    """
    drawn, counted_ = len(counts), sum(counts)
    if not counted_:
        return 0.0
    ratio = counted_ / sum(sizes)
    squares = sum((count - ratio * size) ** 2 for count, size in zip(counts, sizes, strict=True))
    variance = squares / (drawn - 1)
    return _IN_95_PERCENT * sqrt(drawn * (1 - drawn / total) * variance) / counted_


def _findings(split: SplitReport, drawn: _Drawn, limit: int | None) -> Iterator[Finding]:
    yield from drawn.cut
    if drawn.may_be_cut:
        message = (
            f"{drawn.may_be_cut:,} of {split.examples:,} examples were not counted and are long"
            f" enough to exceed the {limit:,} tokens that training reads"
        )
        hint = "use --tokens exact to count every example"
        fault = Fault("FT256", message, hint=hint, severity=Severity.NOTE)
        yield fault.finding(split.stream.sources[0].display)
