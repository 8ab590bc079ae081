"""Splits text into words, in scripts with spaces and without.

Chinese, Japanese, Thai and their neighbours write no spaces, so each of their characters
counts as a word. Elsewhere spaces and punctuation separate words, except for marks inside
them: `don't`, `3.14` and `a@b.example` are one word each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_UNSPACED = (
    r"\u0e00-\u0eff"  # Thai, Lao
    r"\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    r"\u3040-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    r"\U00020000-\U0003ffff"  # Han, supplementary planes
)
_PUNCTUATION = (
    r"\s\x00-\x1f!-/:-@\[-`{-~"
    r"\xa1\xa7\xab\xb6\xb7\xbb\xbf"
    r"\u060c\u061b\u061f\u0964\u0965"  # Arabic, Devanagari
    r"\u2000-\u206f\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_LETTER = rf"[^{_PUNCTUATION}{_UNSPACED}]"
_WORD = re.compile(rf"[{_UNSPACED}]|{_LETTER}+(?:[-'’.@_/:+&#]{_LETTER}+)*")
_SINGLE = re.compile(rf"[{_UNSPACED}]")
_IS_LETTER = re.compile(_LETTER)

Span = tuple[int, int]


def word_spans(text: str) -> list[Span]:
    """The start and end of each word, in order."""
    return [match.span() for match in _WORD.finditer(text)]


def words(text: str) -> list[str]:
    """The words of `text`, case-folded for comparison."""
    return _WORD.findall(text.casefold())


def grams(text: str) -> Iterator[str]:
    """The search keys of `text`: its words, and pairs of words that are single characters."""
    before = ""
    for word in words(text):
        if not _SINGLE.match(word):
            yield word
            before = ""
            continue
        yield before + word
        before = word


def is_whole(text: str, span: Span) -> bool:
    """Whether `span` starts and ends at word boundaries."""
    start, end = span
    return not (_joined(text, start) or _joined(text, end))


def clip(text: str, length: int) -> str:
    """`text`, or its first and last `length` characters if it is longer."""
    return text if len(text) <= 2 * length else f"{text[:length]} {text[-length:]}"


def _joined(text: str, position: int) -> bool:
    around = text[max(0, position - 1) : position + 1]
    return 0 < position < len(text) and all(_IS_LETTER.match(letter) for letter in around)
