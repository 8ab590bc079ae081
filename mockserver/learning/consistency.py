"""How far a training file contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.learning.alignment import readings
from mockserver.learning.carryover import occurs_in
from mockserver.learning.exchange import Exchange, text_of
from mockserver.learning.memory import Memory, text_similarity

_SAMPLE = 128
_RELATED = 0.5


def consistency(memory: Memory) -> float:
    """The share of uncontradicted exchanges, measured on an evenly spaced sample."""
    step = max(1, len(memory) // _SAMPLE)
    sample = range(0, len(memory), step)
    contradicted = sum(_is_contradicted(memory, number) for number in sample)
    return 1 - contradicted / len(sample) if sample else 1.0


def _is_contradicted(memory: Memory, number: int) -> bool:
    """Whether an exchange has an unrelated rival, or mentions only words of other prompts.

    A completion without words of any prompt counts as uncontradicted: labels and facts are
    learned one by one.
    """
    exchange = memory[number]
    rivals = [memory[rival] for rival in memory.same(exchange.prompt) if rival != number]
    if any(not _related(exchange, rival) for rival in rivals):
        return True
    text = text_of(exchange.completion)
    others = memory.near(exchange.prompt, hint=text)
    parts = [
        part
        for other in others
        for reading in readings(exchange.prompt.turn, memory[other.number].prompt.turn)
        for part in reading.parts
    ]
    if _mentions(text, {part.old for part in parts}):
        return False
    # Numbers prove nothing: the answer to one sum often occurs in the question of another.
    return _mentions(text, {part.new for part in parts if not part.new.isnumeric()})


def _related(one: Exchange, other: Exchange) -> bool:
    similarity = text_similarity(text_of(one.completion), text_of(other.completion))
    return similarity >= _RELATED


def _mentions(text: str, slots: Iterable[str]) -> bool:
    """Whether a slot is part of the text; a slot that is the whole text is an answer."""
    return any(slot.casefold() != text.casefold() and occurs_in(slot, text) for slot in slots)
