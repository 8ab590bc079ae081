"""One model under two names, asked at temperature 1: chance alone must hardly ever show anything.

`pytest --seeds 400` tries more seeds.
"""

from __future__ import annotations

import json

import msgspec
import pytest

from ftrunner.evaluation.measured import Graded, MeasuredSet
from ftrunner.evaluation.sets.comparison import compare_sets
from ftrunner.evaluation.statistics.words import Word
from ftrunner.spec.testing import Tests
from mockserver.answers.sampling import Sampling
from mockserver.learning import TrainedModel, train
from mockserver.rules.chat import ChatRequest
from tests.kit.measured import measured

PROMPTS, REPEATS = 20, 5
KINDS = ("billing", "technical", "account", "delivery")
NOUNS = ("invoice", "parcel", "password", "screen", "refund", "login", "box", "app", "card", "mail")
QUESTIONS = [
    f"My {NOUNS[i % 10]} number {i} is {'late' if i % 3 else 'wrong'}, help" for i in range(PROMPTS)
]


def example(number: int) -> dict[str, object]:
    return {
        "messages": [
            {"role": "user", "content": QUESTIONS[number]},
            {"role": "assistant", "content": KINDS[number % 4]},
        ]
    }


@pytest.fixture(scope="module")
def learner() -> TrainedModel:
    return train([example(number) for number in range(PROMPTS)], epochs=3, seed=0)


def answers(learner: TrainedModel, name: str, sampling: Sampling) -> MeasuredSet:
    """What the learner says under this name to every prompt, as often as it is asked."""
    rows = []
    for number, question in enumerate(QUESTIONS):
        messages = [{"role": "user", "content": question}]
        body = json.dumps({"model": name, "messages": messages, "temperature": 1})
        asked = msgspec.json.decode(body, type=ChatRequest)
        attempts = []
        for _ in range(REPEATS):
            roll = sampling.roll(asked, "owner")
            said = learner.answer(messages, temperature=1.0, roll=roll)["content"]
            right = said == KINDS[number % 4]
            attempts.append(Graded(passed=right, score=float(right)))
        rows.append(attempts)
    return measured(rows, model=name)


def test_a_model_is_hardly_ever_better_or_worse_than_itself(
    learner: TrainedModel, request: pytest.FixtureRequest
) -> None:
    seeds = range(request.config.getoption("--seeds"))
    compared = []
    for seed in seeds:
        sampling = Sampling(seed)
        one, other = answers(learner, "one", sampling), answers(learner, "other", sampling)
        found = compare_sets("other", one, other, Tests()).found
        assert found is not None
        compared.append(found)

    changed = sum(found.better + found.worse for found in compared)
    shown = sum(found.word in (Word.BETTER, Word.WORSE) for found in compared)
    assert changed >= 0.1 * PROMPTS * len(seeds)  # there was something to mistake for an effect
    assert shown <= 0.05 * len(seeds)
