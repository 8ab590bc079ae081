"""Models: a tuned one, which remembers part of its training file, and a base model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Protocol

from mockserver.learning.alignment import readings
from mockserver.learning.carryover import carry_over
from mockserver.learning.chance import choose, draw
from mockserver.learning.consistency import consistency
from mockserver.learning.exchange import Exchange, Message, Prompt, exchanges_in, prompt_of
from mockserver.learning.memory import Memory, Neighbour

_EPOCHS_TO_KNOW_ALL = 3
_CONSISTENT_ENOUGH = 0.75
_AS_NEAR = 0.12
_WANDERING = 0.4
"""The highest chance that an answer varies at temperature 1; the average is half of it."""
_TEXT_ONLY = {"role", "content"}
_OPENINGS = (
    "Certainly.",
    "Of course.",
    "Happy to help with that.",
    "Thanks for asking.",
    "That is a good question.",
)
_REMARKS = (
    "There are several ways to look at this, and the best one depends on what you need.",
    "In general terms, it helps to start with the basics and add detail as you go.",
    "Here is a short overview; tell me which part you would like to hear more about.",
    "It would help to know a little more about what you have in mind.",
    "A few points usually matter here, and I can go through them one by one.",
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A completion and the exchange it was learned from."""

    number: int
    completion: Message


class Model(Protocol):
    """What answers a conversation."""

    def answer(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        seed: int = 0,
        temperature: float = 0.0,
        roll: tuple[object, ...] = (),
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class UntrainedModel:
    """A base model, which has learned from no file."""

    name: str

    def answer(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        seed: int = 0,
        temperature: float = 0.0,  # noqa: ARG002 - `roll` decides
        roll: tuple[object, ...] = (),
    ) -> Mapping[str, Any]:
        """The assistant message; it varies if `roll` is not empty."""
        return base_answer(messages, model=self.name, seed=(seed, roll) if roll else seed)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model after some epochs over its training examples.

    `consistency` is 1 for data without contradictions and falls to 0.
    """

    epochs: float
    seed: int
    consistency: float
    _memory: Memory

    def at(self, epochs: float) -> TrainedModel:
        """The same training after another number of epochs, sharing its memory."""
        return replace(self, epochs=epochs)

    def answer(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        seed: int = 0,
        temperature: float = 0.0,
        roll: tuple[object, ...] = (),
    ) -> Mapping[str, Any]:
        """The assistant message for a conversation.

        A trained prompt gets its completion, a similar one the nearest completion with its own
        words in it, any other a base model's answer. An answer from the data stays the same
        after more epochs. Above temperature 0 an answer may vary, for some prompts more often
        than for others; `roll` decides.
        """
        chance: object = (seed, roll) if roll else seed
        prompt = prompt_of(messages)
        answer = self._same(prompt, chance) or self._nearest(prompt, chance)
        if answer is None or not self._knows(answer.number):
            return base_answer(messages, model="", seed=chance)
        wanders = self._wanders(answer.number, temperature, roll)
        if not wanders and not self._is_muddled(answer.number):
            return _copied(answer.completion)
        stray = self._stray(prompt, answer, chance)
        if wanders and stray == answer.completion:
            return base_answer(messages, model="", seed=chance)
        return _copied(stray)

    def _same(self, prompt: Prompt, seed: object) -> _Answer | None:
        numbers = self._memory.same(prompt)
        if not numbers:
            return None
        number = choose(numbers, "same", seed)
        return _Answer(number, self._memory[number].completion)

    def _nearest(self, prompt: Prompt, seed: object) -> _Answer | None:
        """The answer of the nearest exchanges; a completion that takes up the words wins."""
        best, answer = -1.0, None
        for neighbour in self._about_as_near(prompt, seed):
            completion, taken = _adapted(self._memory[neighbour.number], prompt)
            if taken > best:
                best, answer = taken, _Answer(neighbour.number, completion)
            if taken == 1:
                break
        return answer

    def _about_as_near(self, prompt: Prompt, seed: object) -> list[Neighbour]:
        """The nearest exchanges, nearest first; the seed decides between equals."""
        near = self._memory.near(prompt)
        close = [n for n in near if n.similarity >= near[0].similarity - _AS_NEAR]
        return sorted(close, key=lambda n: (-n.similarity, draw("tie", seed, n.number)))

    def _knows(self, number: int) -> bool:
        """Whether this exchange has been learned: easy ones early, all after 3 epochs."""
        progress = self.epochs * self._memory.times_seen(number) / _EPOCHS_TO_KNOW_ALL
        share = 1 - (1 - min(max(progress, 0.0), 1.0)) ** 2
        return share == 1 or draw("difficulty", self.seed, number) < share

    def _is_muddled(self, number: int) -> bool:
        clear = min(1.0, self.consistency / _CONSISTENT_ENOUGH)
        return clear < 1 and draw("clarity", self.seed, number) >= clear

    def _wanders(self, number: int, temperature: float, roll: tuple[object, ...]) -> bool:
        if not temperature:
            return False
        looseness = _WANDERING * draw("looseness", self.seed, number)
        return draw("wander", number, roll) < temperature * looseness

    def _stray(self, prompt: Prompt, answer: _Answer, seed: object) -> Message:
        """The completion of another prompt, a similar one if there is any."""
        near = [neighbour.number for neighbour in self._memory.near(prompt)]
        others = [number for number in near if number != answer.number]
        number = choose(others or range(len(self._memory)), "stray", seed, answer.number)
        return self._memory[number].completion


def train(examples: Iterable[Mapping[str, Any]], *, epochs: float, seed: int) -> TrainedModel:
    """A model trained on parsed lines of any accepted format, read once as a stream.

    `epochs` may be a fraction, as at a checkpoint. Raises ValueError if it is NaN.
    """
    if math.isnan(epochs):
        raise ValueError("epochs is not a number")
    memory = Memory(exchange for example in examples for exchange in exchanges_in(example))
    return TrainedModel(epochs, seed, consistency(memory), memory)


def base_answer(
    messages: Sequence[Mapping[str, Any]], *, model: str, seed: object
) -> Mapping[str, Any]:
    """A generic assistant message that does not use the prompt's words.

    The same for the same conversation, model and seed.
    """
    labels = (prompt_of(messages), model, seed)
    opening, remark = choose(_OPENINGS, "opening", labels), choose(_REMARKS, "remark", labels)
    return {"role": "assistant", "content": f"{opening} {remark}"}


def _copied(message: Message) -> Message:
    """A copy that shares nothing with the memory; most are only text, and `deepcopy` is slow."""
    return dict(message) if message.keys() == _TEXT_ONLY else deepcopy(message)


def _adapted(exchange: Exchange, prompt: Prompt) -> tuple[Message, float]:
    return carry_over(exchange.completion, readings(exchange.prompt.turn, prompt.turn))
