"""Bytes without which no rule about texts finds anything.

A line of valid JSON without a suspect passes every rule of `texts`, so that its texts
need not be decoded. One pass over a block finds which suspects are near at all, many times faster
than a look at each line. Escapes are suspect as they can hide any of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from ftrunner.dataset.fast_path.mojibake import MojibakeSearch

# What the rules call invisible or lost, beyond U+00FF.
_INVISIBLE = (
    "\u200b",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x206A)),
    "\ufeff",
    "\ufffd",
)

# An escaped backslash is taken in one piece: what follows it is not an escape.
_PAIR = b"\\\\"


class Suspect(NamedTuple):
    """What begins with one of `needles`; `pattern` matches those that are harmless."""

    needles: tuple[bytes, ...]
    pattern: re.Pattern[bytes]

    def places(self, data: bytes) -> Iterator[int]:
        """Where in `data` one is that is not harmless."""
        found = self.pattern.finditer(data)
        return (match.start() for match in found if match.group() != _PAIR)


def _exactly(*needles: bytes) -> Suspect:
    return Suspect(needles, re.compile(b"|".join(map(re.escape, needles))))


# Of one byte each. A search for it alone is as fast as reading.
_BYTES = (
    Suspect((b"|",), re.compile(rb"\|(?<=<\|)")),
    _exactly(b"@"),
    _exactly(b"\x7f"),
    Suspect((b"\xc2",), re.compile(rb"\xc2[\x80-\x9f]")),
)
_SECRETS = (
    Suspect((b"sk-",), re.compile(rb"sk-[\w-]{16}")),
    Suspect(tuple(b"gh%c_" % kind for kind in b"pousr"), re.compile(rb"gh[pousr]_\w{20}")),
    Suspect((b"github_pat_",), re.compile(rb"github_pat_\w{20}")),
    Suspect((b"hf_",), re.compile(rb"hf_\w{20}")),
    _exactly(b"AKIA"),
    _exactly(b"--BEGIN "),
)
_CHARACTERS = (_exactly(*(character.encode() for character in _INVISIBLE)),)
_ESCAPES = (
    Suspect(
        (
            *(b"\\b", b"\\f"),
            *(b"\\u00%d" % digit for digit in range(10)),
            *(b"\\u200%c" % letter for letter in b"bB"),
            *(b"\\u202%c" % letter for letter in b"abcdeABCDE"),
            b"\\u206",
            *(b"\\u%c%c%c" % letters for letters in product(b"fF", b"efEF", b"fF")),
        ),
        re.compile(
            rb"\\(?:[\\bf]|u(?:00[0-9]|200[bB]|202[a-eA-E]|206|[fF][eE][fF][fF]|[fF]{3}[dD]))"
        ),
    ),
)
SUSPECTS = (*_BYTES, *_SECRETS, *_CHARACTERS, *_ESCAPES)


class _Search:
    """Finds which of some suspects may be in a block, in one pass.

    It is fast for up to 64 needles of at least three bytes, or of one first byte. No needle may
    begin inside one of another suspect: matches do not overlap.
    """

    def __init__(self, suspects: Iterable[Suspect]) -> None:
        self._needles = [(needle, suspect) for suspect in suspects for needle in suspect.needles]
        needles = [needle for needle, _ in self._needles]
        self._find = BytesAhoCorasick(needles, MatchKind.LeftmostFirst).find_matches_as_indexes

    def near(self, block: bytes) -> set[Suspect]:
        return {self._needles[index][1] for index, _, _ in self._find(block)}


class Search:
    """Searches blocks for suspects."""

    def __init__(self) -> None:
        self._searches = [_Search(some) for some in (_SECRETS, _CHARACTERS, _ESCAPES)]
        self._mojibake = MojibakeSearch()

    def places(self, block: bytes) -> Iterator[int]:
        """Where in `block` suspects are, in no order."""
        for suspect in self._near(block):
            yield from suspect.places(block)
        yield from self._mojibake.places(block)

    def _near(self, block: bytes) -> Iterator[Suspect]:
        yield from (suspect for suspect in _BYTES if suspect.needles[0] in block)
        for search in self._searches:
            yield from search.near(block)
