"""An estimate, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ftrunner.dataset.cost.cost import Answers, Estimate, Span
from ftrunner.dataset.cost.prices import Price
from ftrunner.render.documents.statistics import at_least, give_or_take, of_sample


def describe(estimate: Estimate) -> str:
    """`3,730 tokens = 373 × 10 epochs, about $0.01 at $3.00 per million (2025-12)`."""
    epochs = f"{_span(estimate.epochs)} epoch{'' if estimate.epochs.high == 1 else 's'}"
    if estimate.tokens is None:
        return f"{estimate.examples:,} examples × {epochs}; {estimate.unknown}"
    total = f"{at_least(estimate.coarse)}{_span(estimate.tokens)} tokens"
    counted = f"{total} = {_per_epoch(estimate)} × {epochs}"
    if estimate.sample:
        counted = f"{counted}, {of_sample(estimate.sample)}"
    if estimate.cost is None or estimate.price is None:
        return f"{counted}; {estimate.unknown}"
    priced = f"{counted}, {_dollars(estimate.cost)} {_rate(estimate.price)}"
    return f"{priced}; images may make it more" if estimate.coarse else priced


def describe_answers(answers: Answers) -> str:
    """`4,000 to ask for, $0.02 to $0.40; 2,000 are stored`."""
    asked = f"{answers.asked:,} to ask for"
    if answers.asked and answers.cost:
        asked += f", {_dollars(answers.cost)}"
    elif answers.unknown:
        asked += f"; {answers.unknown}"
    return f"{asked}; {answers.stored:,} are stored" if answers.stored else asked


def amount(estimate: Estimate) -> str:
    """The cost alone, or why it is unknown."""
    return _dollars(estimate.cost) if estimate.cost else estimate.unknown or ""


def as_fields(estimate: Estimate) -> dict[str, Any]:
    """The same as a document; spans as low and high."""
    return asdict(estimate)


def _per_epoch(estimate: Estimate) -> str:
    counted = f"{estimate.tokens_per_epoch:,}"
    return f"({counted} {give_or_take(estimate.sample)})" if estimate.sample else counted


def _span(span: Span) -> str:
    low, high = f"{span.low:,.0f}", f"{span.high:,.0f}"
    return low if low == high else f"{low} to {high}"


def _dollars(span: Span) -> str:
    low, high = (f"${max(end, 0.01):,.2f}" for end in (span.low, span.high))
    return f"about {high}" if low == high else f"{low} to {high}"


def _rate(price: Price) -> str:
    low, high = f"${price.low:,.2f}", f"${price.high:,.2f}"
    rate = low if low == high else f"{low} to {high}"
    return f"at {rate} per million ({price.dated or price.source})"
