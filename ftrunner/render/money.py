"""An estimate, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ftrunner.dataset.cost import Estimate, Span


def describe(estimate: Estimate) -> str:
    """`3,730 tokens = 373 × 10 epochs, $0.01 at $3.00 per million (2025-12)`."""
    epochs = f"{_span(estimate.epochs)} epoch{'' if estimate.epochs.high == 1 else 's'}"
    if estimate.tokens is None:
        return f"{estimate.examples:,} examples × {epochs}; {estimate.unknown}"
    counted = f"{_span(estimate.tokens)} tokens = {estimate.tokens_per_epoch:,} × {epochs}"
    if estimate.cost is None:
        return f"{counted}; {estimate.unknown}"
    return f"{counted}, {_dollars(estimate.cost)}"


def as_fields(estimate: Estimate) -> dict[str, Any]:
    """The same as a document; spans as low and high."""
    return asdict(estimate)


def _span(span: Span) -> str:
    low, high = f"{span.low:,.0f}", f"{span.high:,.0f}"
    return low if low == high else f"{low} to {high}"


def _dollars(span: Span) -> str:
    low, high = (f"${max(end, 0.01):,.2f}" for end in (span.low, span.high))
    return f"about {high}" if low == high else f"{low} to {high}"
