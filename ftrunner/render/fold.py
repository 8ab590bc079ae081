"""Break long lines for a terminal between words, and indent what follows.

Text in backticks is one word, so that a command can be copied.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_WORD = re.compile(r"\s*(?:`[^`]*`\S*|\S+)")
_EXCERPT = re.compile(r" *(?:\d+ )?\| ")  # a caret is below it
_HANG = 2


def folded(text: str, cells: int) -> str:
    """`text` with no line of more than `cells`, but for words, and excerpts, that are longer."""
    return "\n".join(_folded(line, cells) for line in text.split("\n"))


def hang(line: str) -> int:
    """How far the continuation of `line` is indented."""
    return len(line) - len(line.lstrip(" ")) + _HANG


def breaks(line: str, cells: int, indent: int) -> list[int]:
    """The offsets of the words at which `line` is broken; `indent` cells go before each."""
    if width(line) <= cells or _EXCERPT.match(line):
        return []
    offsets, room = [], cells
    for word in _WORD.finditer(line):
        needed = width(word.group())
        if needed > room and word.start() > 0:
            start = word.end() - len(word.group().lstrip())
            offsets.append(start)
            needed = width(line[start : word.end()])
            room = cells - indent
        room -= needed
    return offsets


def _folded(line: str, cells: int) -> str:
    if width(line) <= cells:
        return line
    indent = hang(line)
    ends = [0, *breaks(line, cells, indent), len(line)]
    return f"\n{' ' * indent}".join(line[a:b].rstrip() for a, b in pairwise(ends))


def cropped(text: str, cells: int) -> str:
    """`text`, cut at the end with an ellipsis if it is wider than `cells`."""
    if width(text) <= cells:
        return text
    room, kept = cells - 1, ""
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept += character
    return f"{kept}…" if cells > 0 else ""


_WIDE = frozenset("WF")
_NO_WIDTH = frozenset(("Mn", "Me"))
_JOINERS = frozenset("\u200c\u200d")


def width(text: str) -> int:
    """The display cells of `text`: Chinese characters take two, combining marks none."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH or character in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
