"""Verdicts in one sentence: the word, the effect and its interval, what changed."""

from __future__ import annotations

from ftrunner.evaluation.comparison import Comparison
from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.statistics.words import Word


def in_words(other: str, found: Comparison) -> str:
    """`better than the base model by 18 points (14.1 to 21.9 at 95 %)`

    `other` is the name that the spec gives the other model. Where the evidence is open, the
    sentence says why, or what would settle it.
    """
    if found.reason or found.interval is None:
        return f"{Word.UNDECIDED} against {_called(other)}: {found.reason}"
    said = effect_in_words(other, found.word, found.effect, found.interval, found.confidence)
    return said + (_settled(found) if found.word is Word.UNDECIDED else "")


def effect_in_words(
    other: str,
    word: str,
    effect: float,
    interval: Interval | None,
    confidence: float | None = None,
) -> str:
    """The word and the effect; the interval where there is one."""
    by_size = word in (Word.BETTER, Word.WORSE)
    shown = "" if interval is None else f" ({_bounds(interval, by_size, confidence)})"
    if by_size:
        by = points(abs(effect), signed=False)
        return f"{word} than {_called(other)} by {by} point{'' if by == '1' else 's'}{shown}"
    return f"{_against(word, other)}: {points(effect)} points{shown}"


def of_prompts(passed: int, asked: int) -> str:
    """`all 3 prompts passed`, `1 of 3 prompts failed`"""
    noun = f"prompt{'' if asked == 1 else 's'}"
    if passed < asked:
        return f"{asked - passed} of {asked} {noun} failed"
    return f"all {asked} {noun} passed" if asked > 1 else "the prompt passed"


def changes(better: int, worse: int, rows: int, noun: str = "row") -> str:
    """`6 better, 0 worse of 20 rows`"""
    return f"{better:,} better, {worse:,} worse of {rows:,} {noun}{'' if rows == 1 else 's'}"


def points(share: float, *, signed: bool = True) -> str:
    """A share in points: `+18`, `−2.5`."""
    shown = f"{100 * share:+.1f}" if signed else f"{100 * share:.1f}"
    whole = shown.removesuffix(".0")
    return "0" if whole in ("+0", "-0") else whole.replace("-", "−")


def _called(other: str) -> str:
    return {"base": "the base model", "current": "the current model"}.get(other, other)


def _against(word: str, other: str) -> str:
    if word == Word.UNDECIDED:
        return f"{word} against {_called(other)}"
    joined = "than" if word == Word.NOT_WORSE else "as"
    word, comma, little = word.partition(", ")
    return f"{word} {joined} {_called(other)}{comma}{little}"


def _bounds(interval: Interval, by_size: bool, confidence: float | None) -> str:  # noqa: FBT001
    """The ends of an interval, without their signs where a word has them."""
    low, high = interval.low, interval.high
    if by_size:
        low, high = sorted((abs(low), abs(high)))
    at = "" if confidence is None else f" at {100 * confidence:g} %"
    return f"{points(low, signed=not by_size)} to {points(high, signed=not by_size)}{at}"


def _settled(found: Comparison) -> str:
    if found.enough is None:
        return "; more rows will hardly help"
    return f"; about {found.enough:,} rows would settle it"
