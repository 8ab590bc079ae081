"""Two models on the same prompts: how they differ, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftrunner.evaluation.statistics.interval import Interval, no_interval_reason, plus_two
from ftrunner.evaluation.statistics.power import more_prompts
from ftrunner.evaluation.statistics.sign_flip import p_value
from ftrunner.evaluation.statistics.words import Word, word
from ftrunner.evaluation.verdict import PromptVerdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first model against the second. Differences are shares: 0.02 is two points.

    `effect` is the plain mean difference; `better` and `worse` count prompts. Without an interval,
    `reason` says why. `enough` is about how many prompts in all would settle an open question, if
    the rest are like these. `p_value` is shown and decides nothing.
    """

    prompts: int
    better: int
    worse: int
    effect: float
    confidence: float
    interval: Interval | None
    reason: str | None
    word: Word
    p_value: float
    enough: int | None


def compare(
    first: Sequence[PromptVerdict], second: Sequence[PromptVerdict], confidence: float = 0.95
) -> Comparison:
    """Compare verdicts on the same prompts, in the same order, by the share of answers that passed.

    Raises ValueError without prompts.
    """
    if not first:
        raise ValueError("there are no prompts to compare")
    differences = [_share(one) - _share(other) for one, other in zip(first, second, strict=True)]
    reason = no_interval_reason(None, len(differences), unit="prompts")
    interval = None if reason else plus_two(differences, confidence)
    found = word(interval)
    return Comparison(
        prompts=len(differences),
        better=sum(d > 0 for d in differences),
        worse=sum(d < 0 for d in differences),
        effect=sum(differences) / len(differences),
        confidence=confidence,
        interval=interval,
        reason=reason,
        word=found,
        p_value=p_value(differences, steps=steps([len(verdict.answers) for verdict in first])),
        enough=enough(differences, confidence) if found is Word.UNDECIDED else None,
    )


def _share(verdict: PromptVerdict) -> float:
    return verdict.passes / len(verdict.answers)


def steps(attempts: Sequence[int]) -> int:
    """How often each prompt was asked, where that is one number; else 0."""
    repeats = set(attempts)
    return repeats.pop() if len(repeats) == 1 else 0


def enough(differences: Sequence[float], confidence: float) -> int | None:
    """About how many prompts would show the difference seen, in its own direction."""
    mean = sum(differences)
    if not mean:
        return None
    return more_prompts([d if mean > 0 else -d for d in differences], 0.0, confidence)
