"""The fast acceptor: says yes to lines that the schema and every rule surely pass.

Most lines of most files are a conversation of plain texts, written by a JSON library. Such a line
is recognised by a typed decode that leaves its texts undecoded, and by comparing what stands
between the texts with what a JSON library writes there: where the lengths of both make up the
whole line, there is no room for a repeated key. A "no" says nothing; the full path decides. That
a "yes" agrees with the full path is held by a property test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ftrunner.dataset.reader import MAX_LINE
from ftrunner.dataset.texts import MARK, REPLACEMENT, SUSPECTS, Suspect
from ftrunner.dataset.tokens import TokenCounter

# Tells whether a conversation of these roles, with plain texts, passes the full path.
Judge = Callable[[tuple[str, ...]], bool]

_MOST_ROLES = 64
_MOST_SHAPES = 4096

_SPACE = ord(" ")
# What a text that is empty, or may be blank, begins with: its closing quote, a space, an escape,
# or the first byte of another white space character.
_MAYBE_BLANK = b'" \\\xc2\xe1\xe2\xe3'


class _Message(msgspec.Struct, tag_field="role", forbid_unknown_fields=True, gc=False):
    content: msgspec.Raw


class _System(_Message, tag="system"):
    pass


class _User(_Message, tag="user"):
    pass


class _Assistant(_Message, tag="assistant"):
    pass


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    messages: list[_System | _User | _Assistant]


_ROLES: dict[type, str] = {_System: "system", _User: "user", _Assistant: "assistant"}
_read_text = msgspec.json.Decoder(str).decode


class _Shape(msgspec.Struct, frozen=True, gc=False):
    """What stands in a line of one sequence of roles: each text comes after one of `gaps`, which
    end with its opening quote, and `tail`, which begins with a closing one, ends the line.
    """

    roles: tuple[str, ...]
    gaps: tuple[bytes, ...]
    tail: bytes


class Accepted(msgspec.Struct, gc=False):
    """An accepted line as facts. `starts` and `ends` tell where in it each text stands."""

    row: bytes
    roles: tuple[str, ...]
    starts: list[int]
    ends: list[int]

    @property
    def prompt(self) -> bytes:
        return self.row[: self.ends[-2]] if len(self.ends) > 1 else b""

    @property
    def system(self) -> bytes:
        return self._text(0) if self.roles[0] == "system" else b""

    @property
    def question(self) -> bytes:
        return self._text(-2) if len(self.roles) > 1 and self.roles[-2] == "user" else b""

    def tokens(self, counter: TokenCounter) -> int:
        quoted = [
            self.row[start - 1 : end + 1] for start, end in zip(self.starts, self.ends, strict=True)
        ]
        return counter.conversation(self.roles, list(map(_read_text, quoted)))

    def _text(self, index: int) -> bytes:
        return self.row[self.starts[index] : self.ends[index]]


class Acceptor:
    """Accepts lines of chat data that need no closer look.

    `judge` decides about sequences of roles; its verdicts are kept, as few files hold more than
    some dozens of them.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._decode = msgspec.json.Decoder(_Line).decode
        self._shapes: dict[tuple[type, ...], tuple[_Shape, _Shape] | None] = {}

    def accept(self, block: bytes, rows: Sequence[bytes]) -> list[Accepted | None]:
        """How each of the block's rows is built; None for those where nothing is certain."""
        suspects = [suspect for suspect in SUSPECTS if suspect.in_(block)]
        is_ascii = block.isascii()
        if len(block) > MAX_LINE:  # then a row may be too long; otherwise none is
            rows = [row if len(row) <= MAX_LINE else b"" for row in rows]
        return [self._row(row, suspects, is_ascii=is_ascii) for row in rows]

    def _row(self, row: bytes, suspects: Sequence[Suspect], *, is_ascii: bool) -> Accepted | None:
        for suspect in suspects:
            if suspect.in_(row):
                return None
        try:
            messages = self._decode(row).messages
            text = "" if is_ascii else row.decode()
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        if MARK in text or REPLACEMENT in text:
            return None
        kinds = tuple(map(type, messages))
        shapes = self._shapes[kinds] if kinds in self._shapes else self._learn(kinds)
        return _fit(row, messages, shapes[row[12] == _SPACE]) if shapes else None

    def _learn(self, kinds: tuple[type, ...]) -> tuple[_Shape, _Shape] | None:
        """The shapes without and with spaces; None for roles that do not pass."""
        if not 0 < len(kinds) <= _MOST_ROLES:
            return None
        if len(self._shapes) >= _MOST_SHAPES:
            self._shapes.clear()
        roles = tuple(_ROLES[kind] for kind in kinds)
        passes = self._judge(roles)
        self._shapes[kinds] = (_shape(roles, ""), _shape(roles, " ")) if passes else None
        return self._shapes[kinds]


def _fit(row: bytes, messages: Sequence[_Message], shape: _Shape) -> Accepted | None:
    """Where the texts stand in a row of this shape; None where it has another."""
    starts = []
    ends = []
    end = 0
    for gap, message in zip(shape.gaps, messages, strict=True):
        start = end + len(gap)
        if not row.startswith(gap, end):
            return None
        end = start + len(message.content) - 2
        if row[start] in _MAYBE_BLANK and not _read_text(row[start - 1 : end + 1]).strip():
            return None
        starts.append(start)
        ends.append(end)
    if end + len(shape.tail) != len(row) or not row.endswith(shape.tail):
        return None
    return Accepted(row, shape.roles, starts, ends)


def _shape(roles: tuple[str, ...], space: str) -> _Shape:
    """The shape of a conversation, with `space` after each comma and colon."""
    openings = [f'{{"role":{space}"{role}",{space}"content":{space}"' for role in roles]
    first = f'{{"messages":{space}[{openings[0]}'
    others = (f'"}},{space}{opening}' for opening in openings[1:])
    return _Shape(roles, tuple(gap.encode() for gap in (first, *others)), b'"}]}')
