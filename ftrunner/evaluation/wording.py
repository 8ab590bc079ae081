"""Verdicts in one sentence: the word, the effect and its interval, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from ftrunner.evaluation.comparison import Comparison
from ftrunner.evaluation.sets.gates import GateOutcome
from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.statistics.words import GateResult, Word, settled_by

_MOST_COMPARED = 3


def in_words(other: str, found: Comparison) -> str:
    """`better than the base model by 18 points (14.1 to 21.9 at 95 %)`

    `other` is the name that the spec gives the other model. Where the evidence is open, the
    sentence says why, or what would settle it.
    """
    if found.reason or found.interval is None:
        return f"{Word.UNDECIDED} against {_called(other)}: {found.reason}"
    said = effect_in_words(other, found.word, found.effect, found.interval, found.confidence)
    return f"{said}; {settled_by(found.enough)}" if found.word is Word.UNDECIDED else said


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


def of_tests(passed: int, asked: int, gates: Sequence[GateOutcome], compared: Sequence[str]) -> str:
    """The verdict in one sentence: what failed, what is open, how the sets compare, what held."""
    prompts = [of_prompts(passed, asked)] if asked else []
    failed = [gate.claim for gate in gates if gate.result is GateResult.FAILED]
    still_open = [gate.claim for gate in gates if not gate.holds and gate.claim not in failed]
    bad = [*(prompts if passed < asked else [])]
    bad += [f"failed: {', '.join(failed)}"] if failed else []
    bad += [f"{Word.UNDECIDED}: {', '.join(still_open)}"] if still_open else []
    good = [] if bad else [*prompts, *([_all_hold(gates)] if gates else [])]
    return "; ".join([*bad, *compared[:_MOST_COMPARED], *good]) or "nothing was compared"


def _all_hold(gates: Sequence[GateOutcome]) -> str:
    """`both gates hold`, `2 of 4 gates hold, 1 is skipped, 1 may stay open`"""
    holding = sum(gate.result is GateResult.PASSED for gate in gates)
    skipped = sum(gate.result is GateResult.SKIPPED for gate in gates)
    if holding == len(gates):
        all_of_them = {1: "the gate holds", 2: "both gates hold"}
        return all_of_them.get(holding, f"all {holding} gates hold")
    parts = [f"{holding} of {len(gates)} gate{'s hold' if len(gates) > 1 else ' holds'}"]
    parts += [f"{skipped} {'is' if skipped == 1 else 'are'} skipped"] if skipped else []
    still_open = len(gates) - holding - skipped
    return ", ".join([*parts, *([f"{still_open} may stay open"] if still_open else [])])


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
