"""Where letters may be that were one in UTF-8, by the bytes with which such a place begins.

Each place that is found is looked at: as text, with its escapes read, by the rule itself. So the
bytes only have to be rare in texts that are in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from ftrunner.dataset.lines.texts import has_mojibake

# The number of the needle, the start and the end of each match.
_Find = Callable[[bytes], Sequence[tuple[int, int, int]]]

# A search for so many needles, of three bytes or more, takes one fast pass.
_MOST_NEEDLES = 64

# What the first byte of a letter becomes, and the first byte of what the next becomes.
_LATIN = [
    b"\xc3%c%c" % pair
    for pair in product((*range(0x82, 0x9F), *range(0xA0, 0xB1)), b"\xc2\xc5\xc6\xcb\xe2")
]
_BOXES = [
    f"{box}".encode() + after
    for box, after in product("├┬┼╨╤╬", (b"\xc2", b"\xc3", b"\xc6", b"\xe2\x8c"))
]
_ROOTS = ["√".encode() + after for after in (b"\xc2", b"\xc3", b"\xe2\x80", b"\xe2\x84")]
_OTHERS = [
    *(f"{letter}".encode() + b"\xc2" for letter in "ĂГР"),
    *(text.encode() for text in ("ğŸ", "ğ\u009f", "‚Ä", "вЂ", "ΓÇ", "ÔÇ", *"锛銆鈥縺繧繝锟")),
    *_ROOTS,
    *_BOXES,
]


def _escapes(*heads: str) -> list[bytes]:
    """Escapes that begin so, their letters small or capital."""
    spelled = ("".join(letters) for head in heads for letters in product(*map(_cases, head)))
    return [b"\\u" + digits.encode() for digits in spelled]


def _cases(digit: str) -> set[str]:
    return {digit, digit.upper()}


_ESCAPED = [
    *_escapes("00c", "00d", "00e", "00f0", "011f", "251c", "252c", "253c", "2568", "2564", "256c"),
    *_escapes("221a", "201a", "951b", "951f", "9286", "9225", "7e3a", "7e67", "7e5d"),
    *(
        head + after
        for head in _escapes("0102", "0413", "0420", "0393", "0432")
        for after in (b"\\u", b"\xc2", b"\xc3", b"\xd0")
    ),
]
# An escape after a letter that is none.
_MIXED = [b"%c\\u" % last for last in range(0x80, 0xC0)]
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
# More bytes than any place takes, before it and from its beginning on, as letters or escapes.
_BEFORE, _LETTERS, _ESCAPES = 24, 32, 64


class MojibakeSearch:
    """Searches blocks for places where the rule about such letters finds something."""

    def __init__(self) -> None:
        self._latin = _finders(_LATIN)
        self._others = _finders(_OTHERS)
        self._escaped = _finders(_ESCAPED)
        self._mixed = _finders(_MIXED)

    def places(self, block: bytes) -> Iterator[int]:
        """Where in `block` such letters are, or near where."""
        return (place for place in self._candidates(block) if _is_one(block, place))

    def _candidates(self, block: bytes) -> Iterator[int]:
        is_ascii, has_escapes = block.isascii(), b"\\" in block
        finders = [
            *(() if is_ascii else self._others),
            *(self._latin if b"\xc3" in block else ()),
            *(self._escaped if has_escapes else ()),
            *(self._mixed if has_escapes and not is_ascii else ()),
        ]
        for find in finders:
            yield from (start for _, start, _ in find(block))


def _finders(needles: Sequence[bytes]) -> list[_Find]:
    parts = (needles[at : at + _MOST_NEEDLES] for at in range(0, len(needles), _MOST_NEEDLES))
    return [
        BytesAhoCorasick(part, MatchKind.LeftmostFirst).find_matches_as_indexes for part in parts
    ]


def _is_one(block: bytes, place: int) -> bool:
    near = block[max(0, place - _BEFORE) : place + _LETTERS]
    if b"\\u" not in near:
        return has_mojibake(near.decode(errors="ignore"))
    near = block[max(0, place - _BEFORE) : place + _ESCAPES]
    text = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), near.decode(errors="ignore"))
    return has_mojibake(text)
