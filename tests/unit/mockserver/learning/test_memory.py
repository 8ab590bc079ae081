"""What a memory keeps and finds."""

from __future__ import annotations

from mockserver.learning.exchange import Exchange, Prompt
from mockserver.learning.memory import Memory


def exchange(turn: str, answer: str, context: str = "") -> Exchange:
    return Exchange(Prompt(context, turn), {"role": "assistant", "content": answer})


def test_the_same_exchange_is_counted_not_stored() -> None:
    memory = Memory([exchange("a", "b"), exchange("a", "b"), exchange("a", "c")])

    assert len(memory) == 2
    assert [memory.times_seen(number) for number in memory.same(Prompt("", "a"))] == [2, 1]


def test_a_prompt_keeps_a_bounded_number_of_completions() -> None:
    memory = Memory(exchange("a", str(n)) for n in range(1_000))

    assert len(memory) == len(memory.same(Prompt("", "a"))) == 32


def test_the_same_turn_in_another_context_is_another_prompt() -> None:
    memory = Memory([exchange("a", "b", "one"), exchange("a", "c", "two")])

    assert [memory[n].completion["content"] for n in memory.same(Prompt("two", "a"))] == ["c"]


def test_the_nearest_comes_first_and_the_far_not_at_all() -> None:
    memory = Memory(
        [
            exchange("Tell him what time it is", "a"),
            exchange("Tell me a short story about dogs", "b"),
            exchange("Tell me a story about dogs", "c"),
        ]
    )

    near = memory.near(Prompt("", "Tell me a story about cats"))

    assert [neighbour.number for neighbour in near] == [2, 1]
