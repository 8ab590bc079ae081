"""Text for people: from servers, models and files made safe to show, and what somebody meant; and
JSON for programs.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import IO

_BOUND = 4000
_TEXTLESS = frozenset({bool, float, int, type(None)})
OF_OTHERS = 2_000  # characters of a provider's text that a message may carry
_REPLACEMENT = "�"
# Control, format (bidirectional overrides among them), surrogate and private-use characters, and
# the separators of lines and paragraphs.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# The joiner holds emoji together; the other one keeps letters apart, in Persian for one.
_KEPT = frozenset("\n\t\u200c\u200d")
# Characters that look like a space, or like nothing.
ODD_SPACES = (
    "\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200C))) + "\u202f\u205f\u2060\u3000\ufeff"
)
_NAMES = {
    "\ufeff": "byte order mark",
    "\x1a": "Ctrl-Z, the end of DOS files",
    "\x00": "null",
    "\t": "tab",
    "\x1b": "escape",
}
FENCE = "the fence of a code block in Markdown"
# Lines of no file by itself, what they are, and what to do.
_LEFT_BEHIND = (
    (re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: |$)"), "a conflict marker of git",
     "choose one side of the conflict, and remove its markers"),
    (re.compile(r"version https://git-lfs"), "a Git LFS pointer, not the file",
     "fetch the file: git lfs pull"),
    (re.compile(r"(?:```|~~~)"), FENCE, "remove it"),
    (re.compile(r"<(?:!--|!doctype\b|\?xml\b|/?[a-z][\w-]*(?:[\s/>]|$))", re.IGNORECASE),
     "HTML or XML", "take the file itself, not the page around it"),
)  # fmt: skip


def texts_in(document: object) -> list[str]:
    """Every text in a JSON document, names of members among them; in no order."""
    texts, pending = [], [document]
    for value in pending:  # which grows meanwhile
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            pending.extend(value)
            pending.extend(value.values())
        elif isinstance(value, list | tuple):
            pending.extend(value)
        elif type(value) not in _TEXTLESS and isinstance(value, Mapping):
            pending.extend((*value, *value.values()))
    return texts


def is_printable(character: str) -> bool:
    """Whether a terminal shows the character and does nothing else; line breaks and tabs are."""
    return character in _KEPT or unicodedata.category(character) not in _UNSAFE


def printable(text: str, *, bound: int = _BOUND) -> str:
    """`text` without anything that could steer the terminal, cut at `bound` characters."""
    cut = text if len(text) <= bound else f"{text[:bound]}…"
    if cut.isprintable():
        return cut
    return "".join(each if is_printable(each) else _REPLACEMENT for each in cut)


def cleaned(text: str, bound: int = OF_OTHERS) -> str:
    """A provider's text without control characters and outer white space, cut at `bound`."""
    cut = text[: bound * 2]
    clean = (cut if cut.isprintable() else "".join(filter(is_printable, cut))).strip()
    return clean if len(clean) <= bound else f"{clean[:bound].rstrip()}…"


def cleaned_line(text: str, bound: int = OF_OTHERS) -> str:
    """`cleaned` text with every run of white space as one space."""
    if len(text) <= bound and " " not in text and text.isprintable():  # a name or an id
        return text
    return cleaned(" ".join(cleaned(text, bound).split()), bound)


def escaped(name: str) -> str:
    """The name of a file as it can be shown and written anywhere.

    Bytes that are not UTF-8, and characters that could steer the terminal or break the line, are
    escapes: `\\xff`, `\\n`, `\\u202e`.
    """
    return name if name.isprintable() else "".join(map(_escape, name))


def _escape(character: str) -> str:
    if is_printable(character) and character not in "\n\t":
        return character
    byte = ord(character) - 0xDC00  # how Python keeps a byte that is not UTF-8
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else character.encode("unicode_escape").decode()


def one_line(text: str, *, bound: int = 200) -> str:
    """`text` printable and on one line."""
    return " ".join(printable(text, bound=bound).split())


def duration(seconds: float) -> str:
    """`40 s`, `5 min` or `2.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def left_behind(line: str) -> tuple[str, str] | None:
    """What a line is that some tool left in a file, and what to do about it."""
    return next(((what, hint) for pattern, what, hint in _LEFT_BEHIND if pattern.match(line)), None)


def name_of(character: str) -> str:
    """`U+201C “ (left double quotation mark)`."""
    name = _NAMES.get(character) or unicodedata.name(character, "control character").lower()
    shown = f" {character}" if character.isprintable() and not character.isspace() else ""
    return f"U+{ord(character):04X}{shown} ({name})"


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`; did you mean 'train'?` for a near word among `options`, else nothing."""
    near = nearest(word, options)
    return "" if near in (None, word) else f"; did you mean {near!r}?"


def nearest(word: str, options: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The option that is `word`, or nearly; whether letters are capital, `-` or `_` is equal.

    `likeness` is how near it must be at least, from 0 to 1: a word less like it is another one.
    """
    if len(word) > 100:
        return None
    by_form = {option.lower().replace("-", "_"): option for option in options}
    near = get_close_matches(word.lower().replace("-", "_"), by_form, n=1, cutoff=likeness)
    return by_form[near[0]] if near else None


def dollars(amount: float) -> str:
    """`$1,234.50`, and two digits of less than a cent: `$0.0034`."""
    return f"${amount:,.2f}" if amount == 0 or amount >= 0.01 else f"${amount:.2g}"


def dumps(document: object, *, ascii_only: bool = False) -> str:
    """One line of JSON; characters outside ASCII as they are, or as JSON's escapes."""
    return json.dumps(document, ensure_ascii=ascii_only)


def is_unicode(stream: IO[str]) -> bool:
    """Whether every character can be written to `stream`."""
    encoding: str | None = getattr(stream, "encoding", None)
    return (encoding or "utf-8").lower().replace("_", "-").startswith("utf")
