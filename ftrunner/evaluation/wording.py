"""Verdicts in one sentence: the word, the effect and its interval, what changed."""

from __future__ import annotations

from ftrunner.evaluation.comparison import Comparison
from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.statistics.words import Word

_CALLED = {"base": "the base model", "current": "the current model"}


def in_words(other: str, found: Comparison) -> str:
    """`better than the base model by 18 points (14.1 to 21.9 at 95 %)`

    `other` is the name that the spec gives the other model.
    """
    name = _CALLED.get(other, other)
    if found.interval is None:
        return f"not enough evidence against {name}: {found.reason}"
    if found.word in (Word.BETTER, Word.WORSE):
        return f"{found.word} than {name} by {_size(found)}"
    effect = f"{points(found.effect)} points ({_bounds(found.interval, found.confidence)})"
    if found.word is Word.UNDECIDED:
        return f"not enough evidence against {name}: {effect}{_settled(found)}"
    joined = "than" if found.word is Word.NOT_WORSE else "as"
    word, _, little = str(found.word).partition(", ")
    return f"{word} {joined} {name}{f', {little}' if little else ''}: {effect}"


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


def _size(found: Comparison) -> str:
    """How much better or worse, without a sign: the word has it."""
    assert found.interval is not None, "a word needs an interval"
    low, high = sorted((abs(found.interval.low), abs(found.interval.high)))
    bounds = f"{points(low, signed=False)} to {points(high, signed=False)}"
    by = points(abs(found.effect), signed=False)
    unit = "point" if by == "1" else "points"
    return f"{by} {unit} ({bounds} at {100 * found.confidence:g} %)"


def _bounds(interval: Interval, confidence: float) -> str:
    return f"{points(interval.low)} to {points(interval.high)} at {100 * confidence:g} %"


def _settled(found: Comparison) -> str:
    if found.enough is None:
        return "; more rows will hardly help"
    return f"; about {found.enough:,} rows would settle it"
