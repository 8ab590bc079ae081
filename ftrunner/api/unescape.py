"""What a text says behind its escapes, and where: those of JSON, addresses and HTML."""

from __future__ import annotations

import html
import re
import sys
from bisect import bisect_right

# What JSON, addresses and HTML write for a character, also within each other, and the line
# breaks of base64.
_ESCAPE = re.compile(
    rb"""\\\\*(?:
        u(?P<pair>[dD][89abAB][\da-fA-F]{2}\\+u[dD][c-fC-F][\da-fA-F]{2})
        |u(?P<unit>[\da-fA-F]{4})
        |x(?P<byte>[\da-fA-F]{2})
        |(?P<control>[nrt])
        |(?P<plain>[^\w\s\\])
    )
    |\\(?P<slash>\\)+
    |%(?:25)*(?P<percent>[\da-fA-F]{2})
    |&(?P<entity>\#?\w{2,31};)
    |\n(?<=[\w+/-]{60}\n)
    |\r\n(?<=[\w+/-]{60}\r\n)
    """,
    re.VERBOSE,
)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def has_escape(text: bytes) -> bool:
    """Whether `Unescaped` would change the text."""
    return _ESCAPE.search(text) is not None


def unescaped(text: bytes) -> bytes:
    """The text of `Unescaped`, in half the time."""
    return _ESCAPE.sub(_meaning, text)


class Unescaped:
    """A text whose escapes are replaced by what they mean, and where each piece of it was."""

    def __init__(self, escaped: bytes) -> None:
        pieces, done, length = [], 0, 0
        # Where each escape's meaning is in `text`, and where the escape itself is.
        self._meant: list[tuple[int, int]] = [(0, 0)]
        self._written: list[tuple[int, int]] = [(0, 0)]
        for match in _ESCAPE.finditer(escaped):
            meaning = _meaning(match)
            before = escaped[done : match.start()]
            pieces += [before, meaning]
            begin, length = length + len(before), length + len(before) + len(meaning)
            self._meant.append((begin, length))
            self._written.append(match.span())
            done = match.end()
        self.text = b"".join((*pieces, escaped[done:]))

    def start(self, place: int) -> int:
        """Where what is at `place` begins in the escaped text."""
        return self._span(place)[0]

    def end(self, place: int) -> int:
        """Where what ends before `place` ends in the escaped text."""
        return self._span(place - 1)[1]

    def _span(self, place: int) -> tuple[int, int]:
        index = bisect_right(self._meant, (place, sys.maxsize)) - 1
        end, written = self._meant[index][1], self._written[index]
        if place < end:
            return written
        start = written[1] + place - end
        return start, start + 1


def _meaning(escape: re.Match[bytes]) -> bytes:
    kind, digits = escape.lastgroup, escape[escape.lastgroup or 0]
    match kind:
        case "pair":
            units = bytes.fromhex((digits[:4] + digits[-4:]).decode())
            return units.decode("utf-16-be").encode()
        case "unit":
            return chr(int(digits, 16)).encode(errors="surrogatepass")
        case "byte" | "percent":
            return bytes.fromhex(digits.decode())
        case "entity":
            return html.unescape(f"&{digits.decode()}").encode()
        case "control":
            return _CONTROLS[digits]
        case "plain" | "slash":
            return digits
    return b""  # a line break
