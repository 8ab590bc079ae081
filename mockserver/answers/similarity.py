"""The similarity of two texts, by the metrics of graders; each is from 0 to 1."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

_WORD = re.compile(r"\w+")


def similarity(metric: str, text: str, reference: str) -> float:
    """The similarity of `text` to `reference`; `metric` is one of `METRICS`."""
    if metric == "fuzzy_match":
        return fuzz.ratio(text, reference) / 100
    return _BY_WORDS[metric](words(text), words(reference))


def words(text: str) -> list[str]:
    """Lower-case words; in scripts without spaces, each character."""
    return [
        piece
        for word in _WORD.findall(text.lower())
        for piece in (word if any(ord(char) > 0x2E80 for char in word) else [word])
    ]


def _cosine(text: Sequence[str], reference: Sequence[str]) -> float:
    left, right = Counter(text), Counter(reference)
    norm = math.hypot(*left.values()) * math.hypot(*right.values())
    return sum(left[word] * right[word] for word in left) / norm if norm else 0.0


def _bleu(text: Sequence[str], reference: Sequence[str]) -> float:
    sizes = range(1, min(4, len(text), len(reference)) + 1)
    precisions = [_shared(text, reference, size) / (len(text) - size + 1) for size in sizes]
    if not precisions or not all(precisions):
        return 0.0
    brevity = min(1.0, math.exp(1 - len(reference) / len(text)))
    return brevity * math.exp(sum(map(math.log, precisions)) / len(precisions))


def _gleu(text: Sequence[str], reference: Sequence[str]) -> float:
    sizes = range(1, 5)
    shared = sum(_shared(text, reference, size) for size in sizes)
    longest = max(sum(max(len(side) - size + 1, 0) for size in sizes) for side in (text, reference))
    return shared / longest if longest else 0.0


def _meteor(text: Sequence[str], reference: Sequence[str]) -> float:
    """The harmonic mean with recall weighted nine times; without stems and synonyms."""
    shared = _shared(text, reference, 1)
    if not shared:
        return 0.0
    precision, recall = shared / len(text), shared / len(reference)
    return 10 * precision * recall / (recall + 9 * precision)


def _rouge(size: int) -> Callable[[Sequence[str], Sequence[str]], float]:
    def measure(text: Sequence[str], reference: Sequence[str]) -> float:
        possible = len(reference) - size + 1
        return _shared(text, reference, size) / possible if possible > 0 else 0.0

    return measure


def _rouge_l(text: Sequence[str], reference: Sequence[str]) -> float:
    longest = LCSseq.similarity(text, reference)
    if not longest:
        return 0.0
    precision, recall = longest / len(text), longest / len(reference)
    return 2 * precision * recall / (precision + recall)


def _shared(text: Sequence[str], reference: Sequence[str], size: int) -> int:
    """The number of runs of `size` words that both texts contain."""
    return (_runs(text, size) & _runs(reference, size)).total()


def _runs(text: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(text[start : start + size]) for start in range(len(text) - size + 1))


_BY_WORDS: dict[str, Callable[[Sequence[str], Sequence[str]], float]] = {
    "cosine": _cosine,
    "bleu": _bleu,
    "gleu": _gleu,
    "meteor": _meteor,
    "rouge_1": _rouge(1),
    "rouge_2": _rouge(2),
    "rouge_3": _rouge(3),
    "rouge_4": _rouge(4),
    "rouge_5": _rouge(5),
    "rouge_l": _rouge_l,
}
METRICS = ("fuzzy_match", *_BY_WORDS)
