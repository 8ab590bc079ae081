"""Figures about data as a table with a histogram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ftrunner.dataset.report import Sample, SplitReport

if TYPE_CHECKING:
    from ftrunner.dataset.totals.stats import Statistics

_BAR = 40
_FILLED = "█"
_UNITS = ("B", "KiB", "MiB", "GiB")


def as_text(split: str, figures: Statistics) -> str:
    """The figures of one split for the terminal."""
    return "\n".join(_lines(split, figures))


def _lines(split: str, figures: Statistics) -> Iterator[str]:
    plural = "" if figures.examples == 1 else "s"
    yield f"{split}: {figures.examples:,} example{plural}, {_size(figures.size)}"
    roles = ", ".join(f"{count:,} {role}" for role, count in figures.roles.items())
    yield f"  messages    {roles or 'none'}"
    scripts = ", ".join(f"{name} {share:.0%}" for name, share in figures.scripts.items())
    yield f"  scripts     {scripts or 'none'}"
    yield f"  duplicates  {figures.duplicates:,}"
    if figures.tokens is not None and figures.longest is not None:
        yield f"  tokens      {_tokens(figures)}"
    yield "  bytes a line"
    yield from _histogram(figures)


def _tokens(figures: Statistics) -> str:
    longest = f"at most {figures.longest:,} in one example"
    if figures.coarse:
        longest = f"{figures.longest:,} or more in one example"
    if figures.sample is None:
        return f"{at_least(figures.coarse)}{figures.tokens:,}, {longest}"
    error, sample = give_or_take(figures.sample), of_sample(figures.sample)
    return f"{at_least(figures.coarse)}{figures.tokens:,} {error}, {sample}; {longest} of it"


def _histogram(figures: Statistics) -> Iterator[str]:
    most = max((count for _, count in figures.histogram), default=1)
    for bound, count in figures.histogram:
        bar = _FILLED * max(1, round(_BAR * count / most))
        yield f"  {'< ' + _size(bound):>12}  {count:>9,}  {bar}"


def _size(size: float) -> str:
    unit = 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size /= 1024
        unit += 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 10 else f"{size:.1f} {_UNITS[unit]}"


def line_of(name: str, split: SplitReport) -> str:
    """`train: 10 examples, 1,668 bytes, 318 tokens`"""
    plural = "" if split.examples == 1 else "s"
    line = f"{name}: {split.examples:,} example{plural}, {split.stream.size:,} bytes"
    return f"{line}, {tokens(split)}" if split.tokens is not None else line


def tokens(split: SplitReport) -> str:
    """`12,300,000 tokens ± 0.8%, from a sample of 20,000 of 4,100,000 examples`"""
    counted = f"{at_least(split.coarse)}{split.tokens:,} tokens"
    if split.sample is None:
        return counted
    return f"{counted} {give_or_take(split.sample)}, {of_sample(split.sample)}"


def as_fields(split: SplitReport) -> dict[str, Any]:
    """The same as a document."""
    return {
        "examples": split.examples,
        "bytes": split.stream.size,
        "tokens": split.tokens,
        "sample": asdict(split.sample) if split.sample else None,
        "coarse": split.coarse,
    }


def at_least(coarse: int) -> str:
    """Before a number of tokens to which `coarse` examples may add more."""
    return "at least " if coarse else ""


def of_sample(sample: Sample) -> str:
    """`from a sample of 20,000 of 4,100,000 examples`."""
    return f"from a sample of {sample.examples:,} of {sample.of:,} examples"


def give_or_take(sample: Sample) -> str:
    """`± 0.8%`: half of the 95 % interval, rounded up to as many digits as matter."""
    return f"± {100 * sample.error:.2g}%"
