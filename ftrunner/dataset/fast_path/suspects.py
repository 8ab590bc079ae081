"""Bytes without which no rule about texts finds anything.

A line of valid JSON without a suspect passes every rule of `texts`, so that its texts
need not be decoded. One pass over a block finds which suspects are near at all, many times faster
than a look at each line. Escapes are suspect as they can hide any of the others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, compress, product
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from ftrunner.dataset.lines.texts import has_mojibake

# What a rule calls invisible, beyond U+00FF.
_INVISIBLE = (
    "\u200b",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x206A)),
    "\ufeff",
)

# An escaped backslash is taken in one piece: what follows it is not an escape.
_PAIR = b"\\\\"


class Suspect(NamedTuple):
    """What begins with one of `needles`; `pattern` matches those that are harmless.

    `code` is the rule that may find it; None where any may.
    """

    code: str | None
    needles: tuple[bytes, ...]
    pattern: bytes

    def places(self, data: bytes) -> Iterator[int]:
        """Where in `data` one is that is not harmless."""
        found = re.finditer(self.pattern, data)
        return (match.start() for match in found if match.group() != _PAIR)


def _exactly(code: str, *needles: bytes) -> Suspect:
    return Suspect(code, needles, b"|".join(map(re.escape, needles)))


# Of one byte each. A search for it alone is as fast as reading.
_BYTES = (
    Suspect("FT240", (b"|",), rb"\|(?<=<\|)"),
    _exactly("FT263", b"@"),
    _exactly("FT260", b"\x7f"),
    Suspect("FT260", (b"\xc2",), rb"\xc2[\x80-\x9f]"),
)
_SECRETS = (
    Suspect("FT262", (b"sk-",), rb"sk-[\w-]{16}"),
    Suspect("FT262", tuple(b"gh%c_" % kind for kind in b"pousr"), rb"gh[pousr]_\w{20}"),
    Suspect("FT262", (b"github_pat_",), rb"github_pat_\w{20}"),
    Suspect("FT262", (b"hf_",), rb"hf_\w{20}"),
    _exactly("FT262", b"AKIA"),
    _exactly("FT262", b"--BEGIN "),
)
_CHARACTERS = (
    _exactly("FT260", *(character.encode() for character in _INVISIBLE)),
    _exactly("FT261", "\ufffd".encode()),
)
_ESCAPES = (
    Suspect(
        None,
        (
            *(b"\\b", b"\\f"),
            *(b"\\u00%d" % digit for digit in range(10)),
            *(b"\\u200%c" % letter for letter in b"bB"),
            *(b"\\u202%c" % letter for letter in b"abcdeABCDE"),
            b"\\u206",
            *(b"\\u%c%c%c" % letters for letters in product(b"fF", b"efEF", b"fF")),
        ),
        rb"\\(?:[\\bf]|u(?:00[0-9]|200[bB]|202[a-eA-E]|206|[fF][eE][fF][fF]|[fF]{3}[dD]))",
    ),
)


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
# Of two backslashes before a `u` the second may begin an escape: a look may begin between a pair.
_ESCAPE = r'\\(?:u([0-9a-fA-F]{4})|(?!\\u)(["\\/nrt]))'
# More bytes than any place takes, before it and from its beginning on, as letters or escapes.
_BEFORE, _AS_LETTERS, _AS_ESCAPES = 24, 32, 64


_NEEDLES = {"latin": _LATIN, "other": _OTHERS, "escaped": _ESCAPED, "mixed": _MIXED}


def mojibake_places(block: bytes) -> Iterator[int]:
    """Where in `block` letters may be that were one in UTF-8, or near where.

    Such a place is known by the bytes with which it begins, and then looked at as text, with its
    escapes read, by the rule itself. So the bytes only have to be rare in texts that are in order.
    """
    is_ascii, has_escapes = block.isascii(), b"\\" in block
    kinds = {
        "other": not is_ascii,
        "latin": b"\xc3" in block,
        "escaped": has_escapes,
        "mixed": has_escapes and not is_ascii,
    }
    for kind in compress(kinds, kinds.values()):
        for find in _finders(kind):
            yield from (start for _, start, _ in find(block) if _is_one(block, start))


@cache
def _finders(kind: str) -> list[_Find]:
    needles = _NEEDLES[kind]
    parts = (needles[at : at + _MOST_NEEDLES] for at in range(0, len(needles), _MOST_NEEDLES))
    return [
        BytesAhoCorasick(part, MatchKind.LeftmostFirst).find_matches_as_indexes for part in parts
    ]


def _is_one(block: bytes, place: int) -> bool:
    near = block[max(0, place - _BEFORE) : place + _AS_LETTERS]
    if b"\\" not in near:
        return has_mojibake(near.decode(errors="ignore"))
    near = block[max(0, place - _BEFORE) : place + _AS_ESCAPES]
    return has_mojibake(re.sub(_ESCAPE, _read, near.decode(errors="ignore")))


def _read(escape: re.Match[str]) -> str:
    """The letter of an escape; of a line break or a tab another one, which hides nothing."""
    digits, letter = escape.groups()
    return chr(int(digits, 16)) if digits else str(letter)


class Search:
    """Searches blocks for suspects."""

    def __init__(self) -> None:
        self._searches = [_Search(some) for some in (_SECRETS, _CHARACTERS, _ESCAPES)]

    def rows(self, block: bytes, rows: Sequence[bytes]) -> dict[int, set[str | None]]:
        """The indexes of the block's rows that contain suspects, and the rules that may find them:
        None where any may.
        """
        found = list(self.places(block))
        starts = list(accumulate((len(row) + 1 for row in rows), initial=0)) if found else []
        codes: dict[int, set[str | None]] = {}
        for place, code in found:
            codes.setdefault(bisect_right(starts, place) - 1, set()).add(code)
        return codes

    def places(self, block: bytes) -> Iterator[tuple[int, str | None]]:
        """Where in `block` suspects are, in no order, and which rule may find each."""
        for suspect in self._near(block):
            yield from ((place, suspect.code) for place in suspect.places(block))
        yield from ((place, "FT265") for place in mojibake_places(block))

    def _near(self, block: bytes) -> Iterator[Suspect]:
        yield from (suspect for suspect in _BYTES if suspect.needles[0] in block)
        for search in self._searches:
            yield from search.near(block)
