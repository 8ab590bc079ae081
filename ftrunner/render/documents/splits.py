"""The size of a split, in a line and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ftrunner.dataset.report import SplitReport
from ftrunner.render.documents.money import at_least, give_or_take, of_sample


def line_of(name: str, split: SplitReport) -> str:
    """`train: 10 examples, 1,668 bytes, 318 tokens`"""
    plural = "" if split.examples == 1 else "s"
    told = f"{name}: {split.examples:,} example{plural}, {split.stream.size:,} bytes"
    return f"{told}, {tokens(split)}" if split.tokens is not None else told


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
