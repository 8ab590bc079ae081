"""Finding the few texts worth comparing among many, without reading them all."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nsmallest

from mockserver.learning.words import clip, grams

_CAP = 128
_CLIP = 400
_GRAMS_ASKED = 40


class Index:
    """An inverted index from the grams of texts to the numbers of those texts.

    Each gram keeps the first 128 texts that contain it: all of them for a rare gram, and
    enough to recognise a template for a common one. This bounds memory and search time
    however similar the texts are.
    """

    __slots__ = ("_postings",)

    def __init__(self) -> None:
        self._postings: dict[str, array[int]] = {}

    def add(self, number: int, texts: Iterable[str]) -> None:
        """Index the text with this number, given in parts, by its grams."""
        postings = self._postings
        for gram in _grams(texts):
            found = postings.get(gram)
            if found is None:
                postings[gram] = array("L", (number,))
            elif len(found) < _CAP:
                found.append(number)

    def search(self, texts: Iterable[str], limit: int) -> list[int]:
        """Up to `limit` numbers: the first half by rare grams, the rest by common ones.

        Among equally rare grams, those from earlier parts of `texts` come first.
        """
        found = [posting for gram in _grams(texts) if (posting := self._postings.get(gram))]
        asked = sorted(found, key=len)[:_GRAMS_ASKED]
        rare = _most_voted([posting for posting in asked if len(posting) < _CAP], limit)
        common = _most_voted([posting for posting in asked if len(posting) == _CAP], limit)
        return list(dict.fromkeys([*rare[: limit // 2], *common, *rare]))[:limit]


def _grams(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(gram for text in texts for gram in grams(clip(text, _CLIP))))


def _most_voted(postings: Sequence[array[int]], limit: int) -> list[int]:
    votes: Counter[int] = Counter()
    for posting in postings:
        votes.update(posting)
    return [number for number, _ in nsmallest(limit, votes.items(), key=lambda v: (-v[1], v[0]))]
