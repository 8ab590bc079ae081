"""How similar two texts and two prompts are."""

from __future__ import annotations

from rapidfuzz.distance import Indel

from mockserver.learning.exchange import Prompt
from mockserver.learning.words import clip, words

NEAR = 0.5
"""Last turns at least this similar count as the same request with other words in it."""

_TURN_SHARE = 0.85
_COMPARED = 500


def text_similarity(one: str, other: str) -> float:
    """From 0 for texts with nothing in common to 1 for equal ones.

    The mean of word and character similarity: sentences in one language share most of their
    letters but few words, and a misspelt word shares most of its letters.
    """
    if one == other:
        return 1.0
    one, other = clip(one, _COMPARED), clip(other, _COMPARED)
    by_word = Indel.normalized_similarity(words(one), words(other))
    by_character = Indel.normalized_similarity(one.casefold(), other.casefold())
    return (by_word + by_character) / 2


def prompt_similarity(one: Prompt, other: Prompt) -> float:
    """From 0 to 1, mostly by the last turns; 0 if those are not similar."""
    turns = text_similarity(one.turn, other.turn)
    if turns < NEAR:
        return 0.0
    return _TURN_SHARE * turns + (1 - _TURN_SHARE) * text_similarity(one.context, other.context)
