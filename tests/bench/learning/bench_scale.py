"""What learning costs at 100,000 examples, beside 1,000 in the same run.

Run with ``pytest -s`` to see the figures.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from mockserver.learning import TrainedModel, train

SYSTEM = {"role": "system", "content": "You are a teller of stories for small children."}
QUESTIONS = 300


def examples(count: int) -> Iterator[Mapping[str, Any]]:
    for n in range(count):
        asked = f"Tell me a story about animal{n} in city{n % 977}"
        reported = f"Once an animal{n} walked through city{n % 977} and found a friend."
        yield {"messages": [*conversation(asked), {"role": "assistant", "content": reported}]}


def conversation(asked: str) -> list[Mapping[str, Any]]:
    return [SYSTEM, {"role": "user", "content": asked}]


def seconds_to_answer(model: TrainedModel) -> float:
    """The median over near prompts, the slowest kind: each is searched, compared, rewritten."""
    spent = []
    for n in range(QUESTIONS):
        asked = conversation(f"Tell me a story about whale{n} in port{n}")
        start = perf_counter()
        answer = model.answer(asked)
        spent.append(perf_counter() - start)
        assert f"whale{n}" in answer["content"]
    return median(spent)


@pytest.mark.slow
def test_a_hundred_thousand_examples_answer_about_as_fast_as_a_thousand() -> None:
    small = train(examples(1_000), epochs=3, seed=0)
    start = perf_counter()
    large = train(examples(100_000), epochs=3, seed=0)
    trained = perf_counter() - start

    few, many = seconds_to_answer(small), seconds_to_answer(large)

    print(
        f"\ntrain 100,000: {trained:.1f} s; answer: {many * 1e3:.2f} ms at 100,000,"
        f" {few * 1e3:.2f} ms at 1,000, ratio {many / few:.2f}"
    )
    assert many < 5 * few
    assert many < 0.02


@pytest.mark.slow
def test_memory_grows_with_the_examples_and_not_faster() -> None:
    sizes = []
    for count in (2_000, 20_000):
        tracemalloc.start()
        model = train(examples(count), epochs=3, seed=0)
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert model.epochs == 3

    print(f"\nheld per example: {sizes[1] / 20_000:.0f} bytes")
    assert sizes[1] < 12 * sizes[0]
