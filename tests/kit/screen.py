"""A terminal's screen: what is seen after the escapes that a live line is made of."""

from __future__ import annotations

import io
import re

_PARTS = re.compile(
    r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b\]0;([^\x07]*)\x07|\r|\n|\x07|[^\x1b\r\n\x07]+"
)


class Screen(io.StringIO):
    """A stream that shows what is written to it. An escape that it does not know is an error, and
    so is a line that the terminal would have to wrap, unless it `wraps`.
    """

    def __init__(self, columns: int, *, wraps: bool = False) -> None:
        super().__init__()
        self.widest = 0
        self.cursor_is_shown = True
        self.title: str | None = None
        self.bells = 0
        self._columns = columns
        self._wraps = wraps
        self._rows = [""]
        self._row = self._column = 0

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """The rows that have something on them."""
        return [row.rstrip() for row in self._rows if row.strip()]

    def write(self, text: str) -> int:
        for part in _PARTS.finditer(text):
            self._take(part)
        return len(text)

    def _take(self, part: re.Match[str]) -> None:
        if part[0] == "\x07":
            self.bells += 1
        elif part[3] is not None:
            self.title = part[3]
        elif part[2] is not None:
            self._obey(part[1], part[2])
        elif part[0] == "\r":
            self._column = 0
        elif part[0] == "\n":
            self._row, self._column = self._row + 1, 0
            self._rows += [""] * (self._row + 1 - len(self._rows))
        else:
            self._put(part[0])

    def _obey(self, argument: str, letter: str) -> None:
        """Carry out an escape: go up, erase the line, show or hide the cursor, or a colour."""
        if letter == "A":
            self._row = max(0, self._row - int(argument or 1))
        elif letter == "K":
            self._rows[self._row] = "" if argument == "2" else self._rows[self._row][: self._column]
        elif letter in "hl" and argument == "?25":
            self.cursor_is_shown = letter == "h"
        else:
            assert letter == "m", f"the screen does not know ESC [ {argument}{letter}"

    def _put(self, text: str) -> None:
        row = self._rows[self._row].ljust(self._column)
        end = self._column + len(text)
        self._rows[self._row] = row[: self._column] + text + row[end:]
        self._column = end
        self.widest = max(self.widest, end)
        assert end <= self._columns or self._wraps, f"the terminal would wrap {text!r}"
