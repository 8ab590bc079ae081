"""What an interval means, in words; and whether a bound passes a gate."""

from __future__ import annotations

from enum import Enum, StrEnum

from ftrunner.evaluation.statistics.interval import Interval


class Word(StrEnum):
    """How one model compares with another."""

    AS_GOOD = "as good"
    A_LITTLE_BETTER = "as good, a little better"
    A_LITTLE_WORSE = "as good, a little worse"
    BETTER = "better"
    WORSE = "worse"
    NOT_WORSE = "not worse"
    UNDECIDED = "not enough evidence"


class GateResult(Enum):
    """What the bounds say about a claim; a claim that does not apply is skipped."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    SKIPPED = "skipped"


def word(interval: Interval | None, margin: float | None = None) -> Word:
    """The word for an interval; `margin` is the difference that does not matter to the user."""
    if interval is None:
        return Word.UNDECIDED
    if margin is not None and -margin < interval.low and interval.high < margin:
        return _within_margin(interval)
    if interval.low > 0:
        return Word.BETTER
    if interval.high < 0:
        return Word.WORSE
    if margin is not None and interval.low > -margin:
        return Word.NOT_WORSE
    return Word.UNDECIDED


def above(bounds: Interval | None, threshold: float, *, inclusive: bool = False) -> GateResult:
    """Whether the bounds lie above a threshold; with `inclusive`, on it counts as above."""
    if bounds is None:
        return GateResult.UNDECIDED
    if bounds.low > threshold or (inclusive and bounds.low == threshold):
        return GateResult.PASSED
    if bounds.high < threshold or (not inclusive and bounds.high == threshold):
        return GateResult.FAILED
    return GateResult.UNDECIDED


def _within_margin(interval: Interval) -> Word:
    if interval.low > 0:
        return Word.A_LITTLE_BETTER
    if interval.high < 0:
        return Word.A_LITTLE_WORSE
    return Word.AS_GOOD


def settled_by(enough: int | None, noun: str = "row") -> str:
    """What would settle an open claim: so many rows in all, as `more_prompts` estimates them."""
    if enough is None:
        return f"more {noun}s will hardly help"
    return f"about {enough:,} {noun}s in all would settle it, if the rest are like these"
