"""Why a line is not JSON: the character at fault, what usually leaves it there, and repairs.

A repair returns the lines that were meant, each whole JSON; None where that is not certain.
"""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Callable
from typing import NamedTuple

from ftrunner.text import FENCE, ODD_SPACES, left_behind, name_of

_REMOVES = "`ftrunner data fix SOURCE TARGET --repair FT211` removes"
_REPAIR = "`ftrunner data fix SOURCE TARGET --repair FT211` mends it"

_DOUBLE = "“”„‟″＂«»"
_SINGLE = "‘’‚‛′＇"
_FULL_WIDTH = {"：": ":", "，": ",", "｛": "{", "｝": "}", "［": "[", "］": "]"}
_KINDS = {"{": "object", "[": "list", '"': "text"}
# What the decoder wants, by how its sentence begins, and what is wrong then.
_WRONG = (
    ("Expecting property name", "a key in double quotes is missing here"),
    ("Expecting ':'", "a colon is missing here"),
    ("Expecting ','", "a comma or a closing bracket is missing here"),
    ("Expecting value", "a value is missing here"),
    ("Invalid \\u", r"four hexadecimal digits are missing after \u"),
    ("Invalid \\", "JSON has no escape like this"),
)
_CUT = re.compile("(?:not JSON: )?the (?:line|file) ends ")
CUT_OFF = "the file may be cut off: take it from its source again"
# Lines that are not examples, and what to do about them.
_OTHER_LINES = (
    (r"(?://|#)", "a comment", f"JSON has none; {_REMOVES} it"),
    (r"(?:\.\.\.|…)\s*$", "an ellipsis: lines were left out",
     "take the whole file from its source"),
    (r"(?i)\s*(?:user|assistant|human|system|bot|ai|q|a)\s*:",
     "plain text, of a conversation", 'write {"messages": [{"role": "user", "content": "…"}, …]}'),
    (r"\s*-? ?[a-zA-Z_]+:(?: |$)", "YAML", "write one JSON object a line"),
)  # fmt: skip
_PYTHON = r"""[\[{(,:]\s*(?:'|None\b|True\b|False\b|b['"])"""
# What some tool put before an object: a number, a file's name, a time.
_BEFORE = r"\s*([^\s{\[\"][^{\[\"]{0,80})(?=\{)"
_HAS_JSON = r"[{}\[\]\"'“”]|&quot;|^\s*(?:true|false|null|-?\d[\d.eE+-]*)\s*$"
_ENTITY = r"&(?:quot|#34|#x22|amp|lt|gt);"
_DROPPED = (FENCE, "a comment")


class Cause(NamedTuple):
    """Why a line is not JSON, and where."""

    message: str
    column: int
    hint: str


def cause(text: str, error: json.JSONDecodeError) -> Cause:
    """The cause of a decoder's error about a line."""
    other = _other_line(text)
    if other is not None:
        what, hint = other
        return Cause(f"not JSON: the line is {what}", 1, hint)
    named = _named(text, error) or _known(text, error)
    if named is not None:
        return named
    return Cause(f"not JSON: {wrong(error)}", error.pos + 1, _hint(text, error))


def wrong(error: json.JSONDecodeError, unit: str = "line") -> str:
    """What is wrong at the place of a decoder's error, in a text that is a whole `unit`."""
    text, rest = error.doc, error.doc[error.pos :]
    kind = _KINDS.get(text.lstrip()[:1], "value")
    if error.msg.startswith("Unterminated"):
        return f"the {unit} ends before the text that begins here is closed"
    if _ends_early(error):
        return f"the {unit} ends before its {kind} is closed"
    if error.msg.startswith("Extra data"):
        return f"more follows the {kind}"
    if _is_last_comma(error):
        return "a comma is before a closing bracket"
    if error.msg.startswith("Expecting value") and rest[0] not in ",:]}":
        return "this is not a JSON value"
    said = (words for start, words in _WRONG if error.msg.startswith(start))
    return next(said, f"{error.msg[:1].lower()}{error.msg[1:]}")


def _ends_early(error: json.JSONDecodeError) -> bool:
    """Whether a text is only the beginning of JSON."""
    return error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")


def is_cut(message: str) -> bool:
    """Whether a fault with this message is about a line or a file that ends too early."""
    return _CUT.match(message) is not None


def _is_last_comma(error: json.JSONDecodeError) -> bool:
    """Whether the place is at a comma that ends a list or an object, or at the bracket after it."""
    before, rest = error.doc[: error.pos].rstrip(), error.doc[error.pos :]
    return bool(re.match(r",\s*[\]}]", rest) or (before.endswith(",") and rest[:1] in "]}"))


def _other_line(text: str) -> tuple[str, str] | None:
    """What a line that is not an example is, and what to do about it."""
    left = left_behind(text)
    if left is not None:
        what, hint = left
        return what, f"{_REMOVES} it" if what == FENCE else hint
    others = (row for row in _OTHER_LINES if re.match(row[0], text))
    return next(((what, hint) for _, what, hint in others), None)


def _named(text: str, error: json.JSONDecodeError) -> Cause | None:
    """The character at the place, where it is none that JSON has there."""
    found = text[error.pos : error.pos + 1]
    if not found or (" " <= found <= "~"):
        return None
    if found in "\n\r":
        return None
    name = name_of(found)
    hint = _about(found)
    if repaired(text) is not None:
        hint = f"{hint}; {_REPAIR}"
    return Cause(f"not JSON: {name} is here", error.pos + 1, hint)


def _about(found: str) -> str:
    """Where such a character comes from, or how it is written."""
    if found in _DOUBLE + _SINGLE:
        return "a word processor wrote typographic quotes; JSON strings need straight ones"
    if found in _FULL_WIDTH:
        return "an input method wrote full-width punctuation"
    if found in ODD_SPACES:
        return "it looks like a space or like nothing, and comes from a web page or an editor"
    if found == "\t":
        return "inside a string a tab is written \\t"
    if found < " ":
        return "remove it; inside a string write it as an escape"
    return "JSON has white space, quotes and punctuation of ASCII only"


def _known(text: str, error: json.JSONDecodeError) -> Cause | None:
    """A cause that shows in the whole line."""
    before = re.match(_BEFORE, text)
    if before and _whole(text[before.end() :]):
        hint = "a line begins with its object: remove what is before it"
        return Cause(f"not JSON: '{before[1].strip()[:30]}' is before the object", 1, hint)
    if not re.search(_HAS_JSON, text):
        return Cause("not JSON: the line is plain text", 1, "write one JSON object a line")
    if text.lstrip().startswith('{\\"'):
        hint = "it was written as JSON twice"
        hint = f"{hint}; {_REPAIR}" if repaired(text) else hint
        return Cause("not JSON: the quotes of this line are escaped", error.pos + 1, hint)
    if re.search(_PYTHON, text) and _from_python(text) is not None:
        hint = f"write lines with json.dumps, not str(); {_REPAIR}"
        return Cause("not JSON: this is how Python prints an object", error.pos + 1, hint)
    if re.search(_ENTITY, text) and _from_entities(text) is not None:
        hint = f"a web page writes quotes as &quot;; {_REPAIR}"
        return Cause("not JSON: this has HTML entities", error.pos + 1, hint)
    return None


def _hint(text: str, error: json.JSONDecodeError) -> str:
    mends = f"; {_REPAIR}" if repaired(text) is not None else ""
    if text[error.pos :].strip() == ",":
        return f"remove the comma: the end of the line separates examples{mends}"
    if error.msg.startswith("Extra data"):
        return f"one JSON object a line: put what follows on its own line{mends}"
    if _ends_early(error):
        return "each line is one whole JSON object; a line break inside a string is written \\n"
    if "escape" in error.msg:
        return f"a backslash in a text is written \\\\{mends}"
    if about := _about_quotes(text[: error.pos], text[error.pos :]):
        return about + mends
    if _is_last_comma(error):
        return f"remove the comma{mends}"
    if error.msg.startswith("Expecting property name"):
        return f"a key needs straight double quotes{mends}"
    return f"each line is one whole JSON object{mends}"


def _about_quotes(before: str, rest: str) -> str | None:
    """What to do about the quotes around the place of a fault."""
    if rest.startswith("'"):
        return "JSON strings need double quotes"
    if re.search(r'"\s*$', before) and re.match(r"\w", rest):
        return r"a quote inside a text is written \""
    return None


def repaired(text: str) -> list[str] | None:
    """The lines that a faulty one was meant to be: none for one that only surrounds data."""
    other = _other_line(text)
    if other is not None and other[0] in _DROPPED:
        return []
    if not text.strip(f"{ODD_SPACES}\x1a\x00 \t\r\n"):
        return []  # nothing but what an editor left
    for repair in _REPAIRS:
        lines = repair(text)
        if lines is not None:
            return lines
    return None


def _whole(text: str) -> list[str] | None:
    """The line if it is JSON now."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [text] if isinstance(value, dict) else None


def _without_ends(text: str) -> list[str] | None:
    return _whole(text.strip(f"{ODD_SPACES}\x1a\x00 \t\r\n").rstrip(", "))


def _with_escapes(text: str) -> list[str] | None:
    """Control characters inside strings as escapes."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return [json.dumps(value, ensure_ascii=False)] if isinstance(value, dict) else None


def _unescaped(text: str) -> list[str] | None:
    """A line whose quotes were escaped, as a text inside JSON has them."""
    if not text.lstrip().startswith('{\\"'):
        return None
    try:
        return _whole(json.loads(f'"{text.strip()}"'))
    except (ValueError, RecursionError):
        return None


def _several(text: str) -> list[str] | None:
    """The objects on a line that holds several, one after the other."""
    decoder, place, lines = json.JSONDecoder(), 0, []
    between = re.compile(r"(?:[\s,\ufeff]|\\[nr])*")
    while (found := between.match(text, place)) and found.end() < len(text):
        try:
            value, end = decoder.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        lines.append(text[found.end() : end])
        place = end
    return lines or None


def _with_ascii(text: str) -> list[str] | None:
    """Full-width punctuation and odd spaces outside strings in ASCII."""
    table = str.maketrans({**_FULL_WIDTH, **dict.fromkeys(ODD_SPACES, " ")})
    return _whole(_outside(text, lambda piece: piece.translate(table)))


def _outside(text: str, change: Callable[[str], str]) -> str:
    """The text with what is outside of its strings changed."""
    pieces = re.split(r'("(?:[^"\\]|\\.)*")', text)
    return "".join(p if i % 2 else change(p) for i, p in enumerate(pieces))


def _with_straight_quotes(text: str) -> list[str] | None:
    """Typographic quotes straight, where each of them can only be the end of a string."""
    for kind in (_DOUBLE, _SINGLE):
        found = re.sub(
            _QUOTED[kind], lambda match: json.dumps(match.group(1), ensure_ascii=False), text
        )
        if found != text and (whole := _whole(found)):
            return whole
    return None


# A string in typographic quotes: it begins after punctuation, and ends before some.
_QUOTED = {
    kind: rf"(?<=[\[{{,:\s])[\"{kind}]([^\"\\{kind}]*)[\"{kind}](?=\s*[\]}},:])"
    for kind in (_DOUBLE, _SINGLE)
}


def _from_python(text: str) -> list[str] | None:
    """A line as Python's `repr` writes it."""
    try:
        value = ast.literal_eval(text.strip())
        made = json.dumps(value, ensure_ascii=False, allow_nan=False)
        made.encode()
        return [made] if _plain(value) else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _plain(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _from_entities(text: str) -> list[str] | None:
    return _whole(html.unescape(text)) if re.search(_ENTITY, text) else None


def _without_last_commas(text: str) -> list[str] | None:
    """Without commas before a closing bracket."""
    return _whole(_outside(text, lambda piece: re.sub(r",(\s*[\]}])", r"\1", piece)))


_REPAIRS: tuple[Callable[[str], list[str] | None], ...] = (
    _without_ends,
    _with_escapes,
    _unescaped,
    _with_ascii,
    _several,
    _without_last_commas,
    _with_straight_quotes,
    _from_python,
    _from_entities,
)
