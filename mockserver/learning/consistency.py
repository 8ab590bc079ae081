"""Whether a training file teaches one thing or contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.learning.alignment import readings
from mockserver.learning.carryover import stands_in
from mockserver.learning.exchange import Exchange, text_of
from mockserver.learning.memory import Memory
from mockserver.learning.similarity import text_similarity

_SAMPLE = 128
_RELATED = 0.5


def consistency(memory: Memory) -> float:
    """Return the share of exchanges, measured on a spread sample, that nothing contradicts."""
    step = max(1, len(memory) // _SAMPLE)
    sample = range(0, len(memory), step)
    contradicted = sum(_is_contradicted(memory, number) for number in sample)
    return 1 - contradicted / len(sample) if sample else 1.0


def _is_contradicted(memory: Memory, number: int) -> bool:
    """Say whether an exchange has an unrelated rival, or speaks only of other prompts' words.

    A completion that takes up nothing of any prompt is neither for nor against: labels and
    facts are learned one by one.
    """
    exchange = memory[number]
    rivals = [memory[rival] for rival in memory.same(exchange.prompt) if rival != number]
    if any(not _related(exchange, rival) for rival in rivals):
        return True
    said = text_of(exchange.completion)
    others = memory.near(exchange.prompt, hint=said)
    parts = [
        part
        for other in others
        for reading in readings(exchange.prompt.turn, memory[other.number].prompt.turn)
        for part in reading.parts
    ]
    if _mentions(said, {part.old for part in parts}):
        return False
    # Numbers are no sign: the answer to one sum is often the question of another.
    return _mentions(said, {part.new for part in parts if not part.new.isnumeric()})


def _related(one: Exchange, other: Exchange) -> bool:
    similarity = text_similarity(text_of(one.completion), text_of(other.completion))
    return similarity >= _RELATED


def _mentions(said: str, slots: Iterable[str]) -> bool:
    """Say whether a slot stands in what was said as a part: being all of it is an answer."""
    return any(slot.casefold() != said.casefold() and stands_in(slot, said) for slot in slots)
