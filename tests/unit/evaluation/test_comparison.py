"""Two models on the same prompts become one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.comparison import compare
from ftrunner.evaluation.statistics.words import Word
from ftrunner.evaluation.verdict import PromptVerdict, judge
from ftrunner.render.documents.compare import sentence
from ftrunner.spec.testing import Assertion, Prompt

PROMPT = Prompt("p", ({"role": "user", "content": "?"},), (Assertion("equals", "yes"),))


def verdicts(*passes: int, of: int = 1) -> list[PromptVerdict]:
    prompt = replace(PROMPT, repeat=of)
    return [
        PromptVerdict(
            prompt,
            tuple(judge(prompt.expect, Answer("yes" if i < passed else "no")) for i in range(of)),
        )
        for passed in passes
    ]


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (
            [1] * 20,
            [0] * 6 + [1] * 14,
            "tuned is better than base by 30.0 points (+2.9 to +51.7 at 95 %): "
            "6 better, 0 worse of 20 prompts (p = 0.031)",
        ),
        (
            [0] * 6 + [1] * 14,
            [1] * 20,
            "tuned is worse than base by 30.0 points (−51.7 to −2.9 at 95 %): "
            "0 better, 6 worse of 20 prompts (p = 0.031)",
        ),
        (
            [1] * 20,
            [1] * 20,
            "not enough evidence: tuned against base +0.0 points (−13.7 to +13.7 at 95 %): "
            "0 better, 0 worse of 20 prompts (p = 1.000)",
        ),
        (
            [1, 1, 1],
            [0, 0, 0],
            "not enough evidence: tuned against base +100.0 points (−51.1 to +100.0 at 95 %): "
            "3 better, 0 worse of 3 prompts (p = 0.250); about 7 prompts in "
            "all would settle it, if the rest are like these",
        ),
        (
            [1],
            [0],
            "not enough evidence: an interval needs 3 prompts, and there is 1: "
            "1 better, 0 worse of 1 prompt (p = 1.000)",
        ),
    ],
)
def test_the_verdict_in_one_sentence(first: list[int], second: list[int], text: str) -> None:
    assert sentence("tuned", "base", compare(verdicts(*first), verdicts(*second))) == text


def test_repeats_count_as_shares() -> None:
    found = compare(verdicts(5, 4, 3, 5, 5, of=5), verdicts(0, 4, 4, 1, 2, of=5))

    assert found.effect == pytest.approx((1 + 0 - 0.2 + 0.8 + 0.6) / 5)
    assert (found.better, found.worse, found.prompts) == (3, 1, 5)
    assert found.word is Word.UNDECIDED


def test_prompts_that_are_asked_differently_often() -> None:
    found = compare(
        [*verdicts(1, 1, 1, 1), *verdicts(2, of=3)], [*verdicts(0, 1, 1, 1), *verdicts(1, of=3)]
    )

    assert found.effect == pytest.approx((1 + 1 / 3) / 5)
    assert 0 < found.p_value <= 1


def test_what_is_worse_is_settled_by_as_many_prompts_as_what_is_better() -> None:
    better = compare(verdicts(*[1] * 30), verdicts(*[0] * 3, *[1] * 27))
    worse = compare(verdicts(*[0] * 3, *[1] * 27), verdicts(*[1] * 30))

    assert better.enough == worse.enough
    assert better.enough is not None
    assert better.enough > 30


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no prompts"):
        compare([], [])
