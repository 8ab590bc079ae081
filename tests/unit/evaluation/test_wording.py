"""A comparison in one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.evaluation.comparison import Comparison
from ftrunner.evaluation.sets.gates import GateOutcome
from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.statistics.words import GateResult, Word
from ftrunner.evaluation.wording import changes, in_words, of_prompts, of_tests, points
from ftrunner.spec.testing import Gate

FOUND = Comparison(
    prompts=200,
    better=40,
    worse=4,
    effect=0.18,
    confidence=0.95,
    interval=Interval(0.14, 0.2189),
    reason=None,
    word=Word.BETTER,
    p_value=0.001,
    enough=None,
)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (FOUND, "better than the base model by 18 points (14 to 21.9 at 95 %)"),
        (
            replace(FOUND, word=Word.WORSE, effect=-0.01, interval=Interval(-0.018, -0.002)),
            "worse than the base model by 1 point (0.2 to 1.8 at 95 %)",
        ),
        (
            replace(FOUND, word=Word.AS_GOOD, effect=0.005, interval=Interval(-0.01, 0.02)),
            "as good as the base model: +0.5 points (−1 to +2 at 95 %)",
        ),
        (
            replace(FOUND, word=Word.A_LITTLE_WORSE, effect=-0.005, interval=Interval(-0.01, 0)),
            "as good as the base model, a little worse: −0.5 points (−1 to 0 at 95 %)",
        ),
        (
            replace(FOUND, word=Word.NOT_WORSE, effect=0.0, interval=Interval(-0.01, 0.01)),
            "not worse than the base model: 0 points (−1 to +1 at 95 %)",
        ),
        (
            replace(
                FOUND,
                word=Word.UNDECIDED,
                effect=0.1,
                interval=Interval(-0.05, 0.25),
                enough=1234,
                confidence=0.9,
            ),
            "not enough evidence against the base model: +10 points (−5 to +25 at 90 %); about "
            "1,234 rows in all would settle it, if the rest are like these",
        ),
        (
            replace(FOUND, word=Word.UNDECIDED, effect=0.0, interval=Interval(-0.1, 0.1)),
            "not enough evidence against the base model: 0 points (−10 to +10 at 95 %); more rows "
            "will hardly help",
        ),
        (
            replace(FOUND, word=Word.UNDECIDED, interval=None, reason="2 rows are too few"),
            "not enough evidence against the base model: 2 rows are too few",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_sentence_has_word_effect_and_interval(found: Comparison, sentence: str) -> None:
    assert in_words("base", found) == sentence


def test_a_model_by_name_is_called_by_it() -> None:
    assert in_words("rival", FOUND).startswith("better than rival by")
    assert in_words("current", FOUND).startswith("better than the current model by")


def test_changes_are_counted_both_ways() -> None:
    assert changes(6, 0, 20) == "6 better, 0 worse of 20 rows"
    assert changes(1, 0, 1, "prompt") == "1 better, 0 worse of 1 prompt"


@pytest.mark.parametrize(
    ("passed", "asked", "sentence"),
    [
        (3, 3, "all 3 prompts passed"),
        (1, 1, "the prompt passed"),
        (2, 3, "1 of 3 prompts failed"),
        (0, 1, "1 of 1 prompt failed"),
    ],
)
def test_prompts_that_must_pass(passed: int, asked: int, sentence: str) -> None:
    assert of_prompts(passed, asked) == sentence


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.18, "+18"), (-0.025, "−2.5"), (0.0004, "0"), (-0.0004, "0"), (1, "+100")],
)
def test_points(share: float, shown: str) -> None:
    assert points(share) == shown


def outcome(result: str, excused: bool = False, name: str = "a") -> GateOutcome:
    return GateOutcome(Gate(name, set=name, at_least=0.5), GateResult(result), "", excused=excused)


@pytest.mark.parametrize(
    ("prompts", "gates", "sentence"),
    [
        ((0, 0), [outcome("passed")], "better than base; the gate holds"),
        (
            (3, 3),
            [outcome("passed")] * 2,
            "better than base; all 3 prompts passed; both gates hold",
        ),
        (
            (0, 0),
            [outcome("passed"), outcome("skipped"), outcome("undecided", excused=True)],
            "better than base; 1 of 3 gates hold, 1 is skipped, 1 may stay open",
        ),
        (
            (2, 3),
            [outcome("failed"), outcome("undecided", name="b")],
            "1 of 3 prompts failed; failed: a: at least 50 %; "
            "not enough evidence: b: at least 50 %; better than base",
        ),
        ((3, 3), [outcome("undecided")], "not enough evidence: a: at least 50 %; better than base"),
        ((0, 0), [], "better than base"),
    ],
)
def test_all_tests_in_one_sentence(
    prompts: tuple[int, int], gates: list[GateOutcome], sentence: str
) -> None:
    assert of_tests(*prompts, gates, ["better than base"]) == sentence
