"""What is commonly wrong where a YAML parser stops, and what to do: a rule for each slip.

Only the text decides: parsers word their reasons differently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ftrunner.document.source import Source, Span
from ftrunner.text import ODD_SPACES, name_of

# For a path in double quotes, as Windows writes it.
ESCAPES = "in \"double quotes\" \\ begins an escape: write / between folders, or 'single quotes'"

Slip = tuple[Span, str, str]  # where, what, and what to do


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the parser stopped, and where what it was reading begins: itself, where it says no
    more.
    """

    source: Source
    at: Span
    begin: Span

    @property
    def line(self) -> str:
        """The line at which it stopped."""
        return self.source.lines[self.at.line - 1]

    @property
    def before(self) -> str:
        """What that line has before the place."""
        return self.line[: self.at.column - 1]

    @property
    def rest(self) -> str:
        """What that line has from the place on."""
        return self.line[self.at.column - 1 :]

    @property
    def begun(self) -> str:
        """The line in which what it was reading begins, from there on."""
        return self.source.lines[self.begin.line - 1][self.begin.column - 1 :]

    @property
    def is_at_end(self) -> bool:
        """Whether no text follows."""
        return not any(each.strip() for each in (self.rest, *self.source.lines[self.at.line :]))

    @property
    def above(self) -> str:
        """The line above it that says something."""
        lines = reversed(self.source.lines[: self.at.line - 1])
        return next((line for line in lines if line.strip() and line.strip()[0] != "#"), "")


def slip(stop: Stop) -> Slip | None:
    """What probably is wrong; None where no rule knows it."""
    return next(filter(None, (rule(stop) for rule in _RULES)), None)


_KEY_AND_VALUE = "write `key: value`; a text that goes on is indented deeper than its key"


def _odd_character(stop: Stop) -> Slip | None:
    for each in (*ODD_SPACES, "："):
        column = stop.line.find(each) + 1
        if column:
            place = point(stop.at.line, column)
            return place, f"the line has {name_of(each)}", "write the ordinary character instead"
    return None


def _data(stop: Stop) -> Slip | None:
    first, *others = (line.strip() for line in stop.source.lines if line.strip())
    if not others or not all(each[0] + each[-1] == "{}" for each in (first, others[0])):
        return None
    hint = "name the spec; `ftrunner data check FILE` checks training data"
    return point(stop.at.line, 1), "this is JSON Lines, as data is written, and not a spec", hint


def _reference(stop: Stop) -> Slip | None:
    if "${" not in _unquoted(stop.line):
        return None
    return stop.at, "a reference inside { } or [ ] is not quoted", 'quote it: "${env:NAME}"'


def _quoted(stop: Stop) -> Slip | None:
    """A quote that is not closed, or an escape that there is not."""
    quote = stop.begun[:1]
    if quote not in {'"', "'"} or stop.begin == stop.at:
        return None
    closed = _QUOTED.match(stop.begun)
    end = stop.begin.column + len(closed[0]) if closed else 0
    if closed and (stop.at.line > stop.begin.line or stop.at.column >= end):
        return None  # it is a key, say, and the parser stopped after it
    _, sign, escaped = stop.line[: stop.at.column + 1].rpartition("\\")
    if quote == '"' and sign and not stop.is_at_end:
        return stop.at, f"{sign}{escaped[:1]} is not an escape sequence", ESCAPES
    return stop.begin, f"the quote {quote} that opens here is not closed", _close(quote)


def _block_text(stop: Stop) -> Slip | None:
    sign = stop.begun[:1]
    if sign not in {"|", ">"} or stop.begin.line != stop.at.line:
        return None
    hint = f"write it on the lines below, indented, or without {sign}"
    return stop.at, f"a text cannot follow {sign} on the same line", hint


def _open_bracket(stop: Stop) -> Slip | None:
    if _is_in_brackets(stop):
        opened = _never_closed(stop.source, stop.begin)[:1]
    else:
        opened = _never_closed(stop.source, point(1, 1))[-1:] if stop.is_at_end else []
    for sign, place in opened:
        return place, f"the bracket {sign} that opens here is not closed", _close(_CLOSING[sign])
    return None


def _is_in_brackets(stop: Stop) -> bool:
    return stop.begun[:1] in _CLOSING and stop.begin != stop.at


def _never_closed(source: Source, start: Span) -> list[tuple[str, Span]]:
    """The brackets from a place on that are not closed, the outermost first."""
    opened: list[tuple[str, Span]] = []
    for number, line in enumerate(source.lines[start.line - 1 :], start.line):
        left = start.column - 1 if number == start.line else 0
        for column, sign in enumerate(_unquoted(line[left:]), left + 1):
            if sign in _CLOSING:
                opened.append((sign, point(number, column)))
            elif sign in _CLOSING.values() and opened:
                opened.pop()
    return opened


def _comma(stop: Stop) -> Slip | None:
    if not _is_in_brackets(stop):
        return None
    opening = stop.begun[0]
    closing = _CLOSING[opening]
    hint = f"write a comma between the entries of {opening} {closing}; quote a text with a colon"
    key = stop.before.split()[-1] if stop.rest.startswith(":") and stop.before.strip() else ""
    place = point(stop.at.line, stop.before.rfind(key) + 1) if key else stop.at
    return place, "a comma is missing before this", hint


def _no_colon(stop: Stop) -> Slip | None:
    """A key without its colon: a line that is a text alone."""
    text = stop.line.strip().removeprefix("- ")
    if stop.before.strip(" -") or re.search(r":(?:\s|$)", _unquoted(text)):
        return None
    if glued := re.match(r"(\w[\w.-]*):(\S.*)", text):
        hint = f"write a space after the colon: `{glued[1]}: {glued[2]}`"
        return stop.at, "no space follows the colon", hint
    return stop.at, "this line has no colon after a key", _KEY_AND_VALUE


def _list_beside_key(stop: Stop) -> Slip | None:
    if not re.match(r"-(?:\s|$)", stop.rest) or not stop.before.rstrip().endswith(":"):
        return None
    message = "a list cannot begin on the line of its key"
    return stop.at, message, "begin it on the next line, indented deeper than the key"


def _cannot_begin(stop: Stop) -> Slip | None:
    """A value whose first character means something else in YAML."""
    sign = stop.begun[:1]
    before = stop.source.lines[stop.begin.line - 1][: stop.begin.column - 1].rstrip()
    if not sign or sign not in "@`%&*,]}?!" or before[-1:] not in (*":,[{-", ""):
        return None
    return stop.begin, f"a text cannot begin with {sign}", _quote(stop.begun.rstrip(), "")


def _colon_in_text(stop: Stop) -> Slip | None:
    start = _indent(stop.before)
    key, colon, text = stop.before[start:].partition(": ")
    if not stop.rest.startswith(":") or not colon or not key.strip():
        return None
    value = (text + stop.rest).strip()
    return stop.at, "a text with a colon is not quoted", _quote(value, f"{key.strip()}: ")


def _quote(text: str, key: str) -> str:
    is_plain = len(text) <= _SHOWN and not set(text) & set('"\\') and "***" not in text
    return f'quote it: `{key}"{text}"`' if is_plain else 'quote it: key: "text: more text"'


def _below_a_value(stop: Stop) -> Slip | None:
    """A key below a line that takes none: one that has its value, or is a text alone."""
    deep, above = _indent(stop.before), _indent(stop.above)
    if not stop.rest.startswith(":") or ": " in stop.before[deep:] or not stop.above:
        return None
    place = point(stop.at.line, deep + 1)
    if deep > above:
        message = "this key is indented deeper than the line above, which has its value"
        move = f"indent it by {_spaces(above)}" if above else "do not indent it"
        return place, message, f"{move}, as the line above, or end that line with a colon"
    return place, "the line above this key has no colon after a key", _KEY_AND_VALUE


def _goes_on(stop: Stop) -> Slip | None:
    """A text after a quote or a bracket that closed its value."""
    last = stop.before.rstrip()[-1:]
    if not stop.before.strip(" -") or last not in set("\"'}]"):
        return None
    if last in "\"'":
        hint = "put all of the text into the quotes; inside '…' a quote is written ''"
        return stop.at, "text follows the closing quote", hint
    hint = "quote a text that begins with a bracket, or remove what follows"
    return stop.at, f"something follows the closing {last}", hint


def _indentation(stop: Stop) -> Slip | None:
    """A line that is not where the lines beside it are."""
    if stop.before.strip() or stop.begin.line >= stop.at.line:
        return None
    wanted, is_item = stop.begin.column - 1, bool(re.match(r"-(?:\s|$)", stop.begun))
    here = len(stop.before)
    if is_item and not re.match(r"-(?:\s|$)", stop.rest):
        message = f"this line is not an item of the list that begins on line {stop.begin.line}"
        hint = f"begin it with `- ` after {_spaces(wanted)}, or indent it as the lines of an item"
        return stop.at, message, hint
    what = "list" if is_item else "mapping"
    message = f"this line is indented by {_spaces(here)}, and the {what} around it by {wanted}"
    hint = f"indent it as the lines beside it; the {what} begins on line {stop.begin.line}"
    return stop.at, message, hint


_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'")
_SHOWN = 60  # characters of a text that a hint repeats
_CLOSING = {"{": "}", "[": "]"}
_RULES: tuple[Callable[[Stop], Slip | None], ...] = (
    _odd_character,
    _data,
    _quoted,
    _block_text,
    _reference,
    _open_bracket,
    _comma,
    _list_beside_key,
    _cannot_begin,
    _colon_in_text,
    _below_a_value,
    _no_colon,
    _goes_on,
    _indentation,
)


def _close(sign: str) -> str:
    return f"write {sign} where it ends"


def _spaces(count: int) -> str:
    return f"{count} space{'' if count == 1 else 's'}"


def _indent(line: str) -> int:
    """How many characters the line has before its key, the signs of list items among them."""
    return len(line) - len(re.sub(r"^ *(?:- +)*", "", line))


def _unquoted(line: str) -> str:
    """`line` with spaces for what is in quotes or in a comment."""
    bare = re.sub(_QUOTED, lambda found: " " * len(found[0]), line)
    return re.sub(r"(?:^|(?<=\s))#.*", lambda found: " " * len(found[0]), bare)


def point(line: int, column: int) -> Span:
    """The character at that place."""
    return Span(line, column, line, column + 1)
