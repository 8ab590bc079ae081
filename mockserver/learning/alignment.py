"""The words that differ between two prompts of the same template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from mockserver.learning.exchange import SEPARATORS
from mockserver.learning.words import Span, word_spans

_LONGEST = 2_000
_GUESSED = 0.5


@dataclass(frozen=True, slots=True)
class Substitution:
    """Words of one prompt, and the words at the same position in another."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One possible set of substitutions between two prompts.

    `parts` is never empty. `certainty` is 1 where words replace others, and lower where words
    were only added or removed, because the word they belong to is a guess.
    """

    parts: tuple[Substitution, ...]
    certainty: float = 1.0


@dataclass(frozen=True, slots=True)
class _Gap:
    """A run of words [start, end) in each prompt that the other does not have."""

    old: Span
    new: Span

    @property
    def is_exchange(self) -> bool:
        return self.old[0] < self.old[1] and self.new[0] < self.new[1]


def readings(old: str, new: str) -> list[Reading]:
    """The possible readings of the difference, best first.

    The first reads everything from the first differing word to the last as one slot; the next
    reads each run of words separately. Empty if the prompts have the same words or no word
    replaces another, and for prompts of more than 2,000 words: those are documents.
    """
    old_spans, new_spans = word_spans(old), word_spans(new)
    if max(len(old_spans), len(new_spans)) > _LONGEST:
        return []
    words = _folded(old, old_spans)
    gaps = _gaps(words, _folded(new, new_spans))
    exchanges = [gap for gap in gaps if gap.is_exchange]
    ways = _exchanged(exchanges, words) if exchanges else _anchored(gaps, words)
    certainty = 1.0 if exchanges else _GUESSED
    cut = [
        tuple(
            Substitution(_cut(old, old_spans, gap.old), _cut(new, new_spans, gap.new))
            for gap in way
        )
        for way in ways
    ]
    return [Reading(parts, certainty) for parts in dict.fromkeys(cut) if _is_slot(parts)]


def _folded(text: str, spans: Sequence[Span]) -> list[str]:
    return [text[start:end].casefold() for start, end in spans]


def _gaps(old: Sequence[str], new: Sequence[str]) -> list[_Gap]:
    gaps: list[_Gap] = []
    for step in Levenshtein.opcodes(old, new):
        if step.tag == "equal":
            continue
        gap = _Gap((step.src_start, step.src_end), (step.dest_start, step.dest_end))
        touches = gaps and gaps[-1].old[1] == gap.old[0] and gaps[-1].new[1] == gap.new[0]
        gaps.append(_around([gaps.pop(), gap]) if touches else gap)
    return gaps


def _exchanged(gaps: Sequence[_Gap], words: Sequence[str]) -> list[list[_Gap]]:
    """Replaced words read as one slot, then as several.

    If they also occur elsewhere in the prompt, as one half of 宝宝 does beside 宝贝, the
    neighbouring words are included first, to be unambiguous.
    """
    slot = _around(gaps)
    start, end = slot.old
    elsewhere = {*words[:start], *words[end:]}
    wider = [] if elsewhere.isdisjoint(words[start:end]) else _widened(slot, words)
    return [*([gap] for gap in wider), [slot], list(gaps)]


def _anchored(gaps: Sequence[_Gap], words: Sequence[str]) -> list[list[_Gap]]:
    """Words added or removed within a prompt, read as a change of the word beside them.

    An example is "dog" to "small dog". Words added at either end are ignored: they are
    "please" more often than part of the subject. Several gaps are read as one.
    """
    inside = [gap for gap in gaps if 0 < gap.old[0] <= gap.old[1] < len(words)]
    if not inside:
        return []
    slot = _around(inside)
    return [[gap] for gap in ([slot] if slot.is_exchange else _widened(slot, words))]


def _widened(gap: _Gap, words: Sequence[str]) -> list[_Gap]:
    """The gap extended by the word before or after it, the rarer word first.

    Template words are common, subject words are rare.
    """
    (old_start, old_end), (new_start, new_end) = gap.old, gap.new
    wider = []
    if old_end < len(words):
        wider.append((words[old_end], _Gap((old_start, old_end + 1), (new_start, new_end + 1))))
    if old_start > 0:
        before = _Gap((old_start - 1, old_end), (new_start - 1, new_end))
        wider.append((words[old_start - 1], before))
    return [gap for _, gap in sorted(wider, key=lambda pair: words.count(pair[0]))]


def _around(gaps: Sequence[_Gap]) -> _Gap:
    first, last = gaps[0], gaps[-1]
    return _Gap((first.old[0], last.old[1]), (first.new[0], last.new[1]))


def _cut(text: str, spans: Sequence[Span], words: Span) -> str:
    return text[spans[words[0]][0] : spans[words[1] - 1][1]]


def _is_slot(parts: Sequence[Substitution]) -> bool:
    """Whether the words belong to a single message; a slot never spans two."""
    return not any(mark in part.new for part in parts for mark in SEPARATORS)
