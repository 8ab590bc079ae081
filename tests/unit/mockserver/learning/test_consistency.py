"""Which data teaches one thing and which contradicts itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from mockserver.learning.consistency import consistency
from mockserver.learning.exchange import exchanges_in
from mockserver.learning.memory import Memory
from tests.unit.mockserver.learning.forms import Form, chat, forms

ANIMALS = ("dog", "cat", "owl", "fox", "cow", "hen", "pig", "bat")


def measured(examples: list[dict[str, Any]]) -> float:
    return consistency(Memory(e for example in examples for e in exchanges_in(example)))


def reported(shift: int) -> list[dict[str, Any]]:
    spoken_of = ANIMALS[shift:] + ANIMALS[:shift]
    return [
        chat(f"Tell me a story about a {asked}", f"Once a {said} went out.")
        for asked, said in zip(ANIMALS, spoken_of, strict=True)
    ]


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        ([], 1),
        (reported(0), 1),
        (reported(1), 0),
        (reported(3), 0),
        (reported(0) * 3, 1),
        ([chat("Tell me a joke", joke) for joke in ("Knock, knock.", "Why did it?")], 0),
        ([chat("Greet me", "Good morning, sir"), chat("Greet me", "Good morning, madam")], 1),
        ([chat(f"What follows {n}?", str(n + 1)) for n in range(20)], 1),
        ([chat("Opposite of hot?", "cold"), chat("Opposite of cold?", "hot")], 1),
        ([chat("Capital of Peru?", "Lima"), chat("Capital of Cuba?", "Havana")], 1),
    ],
)
def test_consistency_of_data(examples: list[dict[str, Any]], expected: float) -> None:
    assert measured(examples) == expected


@given(forms())
def test_every_template_is_consistent(form: Form) -> None:
    assert measured(form.examples()) == 1


def test_large_data_is_measured_on_a_sample() -> None:
    examples = [chat(f"Tell me of animal{n}", f"I know animal{n + 1} well.") for n in range(2_000)]

    assert measured(examples) < 0.1
