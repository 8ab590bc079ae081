"""Which words of two answers differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

# A word, one character of a script without spaces, a run of spaces, or one other character.
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+|\s+|\W|_", re.UNICODE)
_MOST_TOKENS = 200
_LEAST_COMMON = 0.2  # less in common is two different answers: marks would only be noise


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; `differs` says that the other text does not have it."""

    text: str
    differs: bool = False


def differences(one: str, other: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Both texts in parts, those that only one of them has marked.

    Texts that have little in common are not marked, nor is what comes after the first 200 tokens.
    """
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415 - slow to import

    left, right = _TOKEN.findall(one), _TOKEN.findall(other)
    heads = left[:_MOST_TOKENS], right[:_MOST_TOKENS]
    alike = LCSseq.normalized_similarity(*heads)
    if not (one.strip() and other.strip() and alike >= _LEAST_COMMON):
        return (Part(one),), (Part(other),)
    same = [
        (o.src_start, o.src_end, o.dest_start, o.dest_end, o.tag) for o in LCSseq.opcodes(*heads)
    ]
    spans = [(a, b, tag == "equal") for a, b, _, _, tag in same]
    others = [(c, d, tag == "equal") for _, _, c, d, tag in same]
    return tuple(_parts(left, spans)), tuple(_parts(right, others))


def _parts(tokens: Sequence[str], spans: list[tuple[int, int, bool]]) -> Iterator[Part]:
    """Neighbours of one kind are one part; what was not compared is common."""
    spans.append((min(len(tokens), _MOST_TOKENS), len(tokens), True))
    filled = [span for span in spans if span[0] < span[1]]
    for is_common, group in groupby(filled, key=lambda span: span[2]):
        text = "".join("".join(tokens[start:end]) for start, end, _ in group)
        yield Part(text, differs=not is_common)
