"""All training exchanges, searchable by prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from mockserver.learning.exchange import Exchange, Prompt
from mockserver.learning.index import Index
from mockserver.learning.words import clip, words

NEAR = 0.5
"""Last turns at least this similar count as the same request with other words in it."""

_TURN_SHARE = 0.85
_COMPARED_CHARACTERS = 500
_COMPARED = 32
_RIVALS = 32


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The number of an exchange whose prompt is similar to the one searched for."""

    number: int
    similarity: float


class Memory:
    """Exchanges, numbered in order of appearance; unchanged once built.

    A repeated exchange is counted, not stored. A prompt keeps at most 32 completions: one with
    more has no answer that could be learned.
    """

    __slots__ = ("_contexts", "_exchanges", "_index", "_numbers", "_seen")

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        """Reads `exchanges` once, as a stream."""
        self._exchanges: list[Exchange] = []
        self._seen: list[int] = []
        self._numbers: dict[Prompt, list[int]] = {}
        self._contexts: dict[str, str] = {}
        self._index = Index()
        for exchange in exchanges:
            self._learn(exchange)

    def __len__(self) -> int:
        return len(self._exchanges)

    def __getitem__(self, number: int) -> Exchange:
        return self._exchanges[number]

    def times_seen(self, number: int) -> int:
        """How often this exchange occurs in the data."""
        return self._seen[number]

    def same(self, prompt: Prompt) -> Sequence[int]:
        """The numbers of the exchanges with exactly this prompt."""
        return self._numbers.get(prompt, ())

    def near(self, prompt: Prompt, hint: str = "") -> list[Neighbour]:
        """Exchanges with similar prompts, most similar first.

        `hint` is additional search text; it does not count in the similarity.
        """
        found = self._index.search((prompt.turn, hint, prompt.context), _COMPARED)
        scored = (
            Neighbour(number, prompt_similarity(self._exchanges[number].prompt, prompt))
            for number in found
        )
        near = [neighbour for neighbour in scored if neighbour.similarity > 0]
        return sorted(near, key=lambda neighbour: (-neighbour.similarity, neighbour.number))

    def _learn(self, exchange: Exchange) -> None:
        prompt = self._sharing_context(exchange.prompt)
        rivals = self._numbers.setdefault(prompt, [])
        for number in rivals:
            if self._exchanges[number].completion == exchange.completion:
                self._seen[number] += 1
                return
        if len(rivals) < _RIVALS:
            rivals.append(len(self._exchanges))
            self._index.add(len(self._exchanges), (prompt.turn, prompt.context))
            self._exchanges.append(Exchange(prompt, exchange.completion))
            self._seen.append(1)

    def _sharing_context(self, prompt: Prompt) -> Prompt:
        """The prompt with a shared copy of its context, such as a system prompt on every line."""
        return Prompt(self._contexts.setdefault(prompt.context, prompt.context), prompt.turn)


def text_similarity(one: str, other: str) -> float:
    """From 0 for texts with nothing in common to 1 for equal ones.

    The mean of word and character similarity: sentences in one language share most of their
    letters but few words, and a misspelt word shares most of its letters.
    """
    if one == other:
        return 1.0
    one, other = clip(one, _COMPARED_CHARACTERS), clip(other, _COMPARED_CHARACTERS)
    by_word = Indel.normalized_similarity(words(one), words(other))
    by_character = Indel.normalized_similarity(one.casefold(), other.casefold())
    return (by_word + by_character) / 2


def prompt_similarity(one: Prompt, other: Prompt) -> float:
    """From 0 to 1, mostly by the last turns; 0 if those are not similar."""
    turns = text_similarity(one.turn, other.turn)
    if turns < NEAR:
        return 0.0
    return _TURN_SHARE * turns + (1 - _TURN_SHARE) * text_similarity(one.context, other.context)
