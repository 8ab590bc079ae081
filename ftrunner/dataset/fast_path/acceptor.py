"""The fast acceptor: says yes to lines that the schema and every rule surely pass.

Most lines of most files are a conversation of plain texts, written by a JSON library. A block of
such lines is accepted as a whole, by a few passes that make no object of any text:

1. It holds nothing that a rule about texts may object to (`suspects`), and is UTF-8.
2. It decodes to messages of a role and a content each, which stays raw.
3. Between its joints, each text is as long as the content that decoding kept. So
   nothing else fits between them, such as a repeated key, of which decoding drops the first.
4. No text is empty or blank, and the roles of each line are such as pass. A judge decides about
   that once for each sequence of roles, on texts that no rule objects to.

Where a block fails, those of its lines that look plain are tried, at once and then each for
itself. A "no" says nothing; the full path decides. That a "yes" agrees with the full path is held
by a property test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter, sub

import msgspec
from ahocorasick_rs import BytesAhoCorasick, MatchKind

from ftrunner.dataset.cost.tokens import TokenCounter
from ftrunner.dataset.files.reader import MAX_LINE
from ftrunner.dataset.lines.facts import encoded

# Joints: what a JSON library, or a hand, writes between the texts of a conversation. They are
# sought in a block of lines all at once. In a line of valid JSON no joint is inside a text, as
# quotes are escaped there.
_ROLES = ("system", "user", "assistant")
# What is inside the braces of a message, and after each comma and colon. The last spelling is
# the canonical one.
_SPELLINGS = (("", ""), (" ", " "), ("", " "))


def _joints(inside: str, after: str) -> list[str]:
    """What comes before a text, at the beginning of a line and elsewhere, for each role."""
    openings = [f'{{{inside}"role":{after}"{role}",{after}"content":{after}"' for role in _ROLES]
    first = [f'{{"messages":{after}[{opening}' for opening in openings]
    return [*first, *(f'"{inside}}},{after}{opening}' for opening in openings)]


_OPENINGS = [joint for spelling in _SPELLINGS for joint in _joints(*spelling)]
_ENDINGS = ('"}]}\n', '" }]}\n')
_JOINTS = [joint.encode() for joint in (*_OPENINGS, *_ENDINGS)]
_KIND_ENDS, _OTHER_ENDS = (bytes([kind]) for kind in range(len(_OPENINGS), len(_JOINTS)))


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The joints of a block of whole lines; texts are between the end of one and the start of
    the next.

    `lines` has the kinds of joints in each line, without the one that ends it.
    """

    lines: Sequence[bytes]
    starts: Sequence[int]
    ends: Sequence[int]


class Joints:
    """Finds joints."""

    def __init__(self) -> None:
        self._find = BytesAhoCorasick(_JOINTS, MatchKind.LeftmostFirst).find_matches_as_indexes

    def skeleton(self, block: bytes) -> Skeleton:
        found = self._find(block)
        kinds, starts, ends = zip(*found, strict=True) if found else ((), (), ())
        lines = bytes(kinds).replace(_OTHER_ENDS, _KIND_ENDS).split(_KIND_ENDS)
        return Skeleton(lines[:-1], starts, ends)


def is_canonical(kinds: bytes) -> bool:
    """Whether all joints of these kinds are spelled in the canonical form."""
    return min(kinds) >= len(_OPENINGS) - 2 * len(_ROLES)


def roles_of(kinds: bytes) -> tuple[str, ...]:
    """The roles that joints of these kinds name."""
    return tuple(_ROLES[kind % len(_ROLES)] for kind in kinds)


# Whether a conversation of these roles, with plain texts, passes the full path.
Judge = Callable[[tuple[str, ...]], bool]

_MOST_ROLES = 64
_MOST_SEQUENCES = 4096

# What a text that is empty, or may be blank, begins with: its closing quote, a space, an escape,
# or the first byte of another white space character.
_MAYBE_BLANK = frozenset(b'" \\\xc2\xe1\xe2\xe3')
# Of those, escapes of other letters and the first two bytes of other ones say that it is not.
_BLANK = re.compile(
    rb'[" ]|\\(?:[^u]|u(?:00|1680|20|3000))|\xc2[\x85\xa0]|\xe1\x9a|\xe2[\x80\x81]|\xe3\x80'
)


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: str
    content: msgspec.Raw


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    messages: list[_Message]


_END = b'"}]}'

# Escapes that are not canonical, or that look like one.
_ODD_ESCAPE = re.compile(rb"\\[u/]")

_decode_lines = msgspec.json.Decoder(_Line).decode_lines
_read_text = msgspec.json.Decoder(str).decode


class Accepted(msgspec.Struct, gc=False):
    """An accepted line as facts. Its texts follow joints of `skeleton` from `first` on."""

    row: bytes
    roles: tuple[str, ...]
    prompt: memoryview | bytes
    system: bytes
    block: bytes
    skeleton: Skeleton
    first: int

    @property
    def question(self) -> bytes:
        asks = len(self.roles) > 1 and self.roles[-2] == "user"
        return _spelled(self.text(len(self.roles) - 2)) if asks else b""

    @property
    def coarse(self) -> bool:
        return False

    def tokens(self, counter: TokenCounter) -> int:
        return counter.conversation(self.roles, map(self.string, range(len(self.roles))))

    def text(self, index: int) -> bytes:
        return self.string(index)[1:-1]

    def string(self, index: int) -> bytes:
        """A text with its quotes."""
        joint = self.first + index
        return self.block[self.skeleton.ends[joint] - 1 : self.skeleton.starts[joint + 1] + 1]


class Acceptor:
    """Accepts lines of chat data that need no closer look.

    `judge` decides about sequences of roles; its verdicts are kept, as few files hold more than
    some dozens of them.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._joints = Joints()
        self._verdicts: dict[bytes, tuple[str, ...] | None] = {}

    def accept(
        self, block: bytes, rows: Sequence[bytes], suspect: Collection[int]
    ) -> Sequence[Accepted | None]:
        """The facts of each of the block's rows; None for those where nothing is certain.

        `suspect` are the indexes of rows that contain a suspect.
        """
        together = None if suspect else self._all(block, rows)
        if together is not None:
            return together
        likely = [
            index for index, row in enumerate(rows) if index not in suspect and _looks_plain(row)
        ]
        accepted: list[Accepted | None] = [None] * len(rows)
        for index, facts in zip(likely, self._each([rows[i] for i in likely]), strict=True):
            accepted[index] = facts
        return accepted

    def _each(self, rows: Sequence[bytes]) -> Sequence[Accepted | None]:
        """The facts of each of some rows without suspects."""
        together = self._all(b"\n".join((*rows, b"")), rows)
        if together is not None:
            return together
        alone = (self._all(row + b"\n", [row]) for row in rows)
        return [accepted[0] if accepted else None for accepted in alone]

    def _all(self, block: bytes, rows: Sequence[bytes]) -> Sequence[Accepted] | None:
        """The facts of all rows of a block without suspects, or None."""
        if len(block) > MAX_LINE or not _is_utf8(block, rows):
            return None
        skeleton = self._joints.skeleton(block)
        if len(skeleton.lines) != len(rows) or not _fits(block, skeleton):
            return None
        sequences = list(map(self._roles, skeleton.lines))
        return None if None in sequences else list(_facts(block, rows, skeleton, sequences))

    def _roles(self, kinds: bytes) -> tuple[str, ...] | None:
        """The roles of a line with these joints; None if such lines do not pass."""
        if kinds not in self._verdicts:
            if len(self._verdicts) >= _MOST_SEQUENCES:
                self._verdicts.clear()
            named = roles_of(kinds)
            passes = 0 < len(named) <= _MOST_ROLES and self._judge(named)
            self._verdicts[kinds] = named if passes else None
        return self._verdicts[kinds]


def _looks_plain(row: bytes) -> bool:
    return row.startswith(b'{"messages":') and row.endswith((b'"}]}', b'" }]}'))


def _facts(
    block: bytes,
    rows: Sequence[bytes],
    skeleton: Skeleton,
    sequences: Iterable[tuple[str, ...] | None],
) -> Iterator[Accepted]:
    view = memoryview(block)
    starts, ends = skeleton.starts, skeleton.ends
    is_odd = _ODD_ESCAPE.search(block) is not None
    first = 0
    for row, kinds, roles in zip(rows, skeleton.lines, sequences, strict=True):
        if roles:
            last = first + len(roles) - 1
            prompt = view[starts[first] : starts[last]]
            system = block[ends[first] : starts[first + 1]] if roles[0] == "system" else b""
            accepted = Accepted(row, roles, prompt, system, block, skeleton, first)
            as_read = not is_odd and is_canonical(kinds) and row.endswith(_END)
            yield accepted if as_read else _respelled(accepted)
            first = last + 2


def _respelled(accepted: Accepted) -> Accepted:
    """The same with the bytes of the canonical form."""
    roles = accepted.roles
    texts = [_spelled(accepted.text(index)) for index in range(len(roles))]
    opened = [
        b'{"role": "%b", "content": "%b' % (role.encode(), text)
        for role, text in zip(roles, texts, strict=True)
    ]
    accepted.prompt = b'{"messages": [' + b'"}, '.join(opened[:-1]) if opened[1:] else b""
    accepted.row = b'{"messages": [' + b'"}, '.join(opened) + _END
    accepted.system = texts[0] if roles[0] == "system" else b""
    return accepted


def _spelled(text: bytes) -> bytes:
    """The inside of a JSON string without escapes that may be left out."""
    return encoded(_read_text(b'"%b"' % text)) if _ODD_ESCAPE.search(text) else text


def _is_utf8(block: bytes, rows: Sequence[bytes]) -> bool:
    """Row by row: short texts stay in memory that is at hand."""
    if not block.isascii():
        try:
            for row in rows:
                row.decode()
        except UnicodeDecodeError:
            return False
    return True


def _fits(block: bytes, skeleton: Skeleton) -> bool:
    """Whether the lines are JSON, of these joints and of texts that are not blank."""
    try:
        lines = _decode_lines(block)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    texts = list(map(sub, (*skeleton.starts[1:], len(block)), skeleton.ends))
    return (
        skeleton.starts[:1] == (0,) and texts == _sizes(lines) and not _any_blank(block, skeleton)
    )


def _sizes(lines: Sequence[_Line]) -> list[int]:
    """The size of each content in bytes without its quotes, and after each line 0."""
    sizes = []
    for line in lines:
        sizes += [len(message.content) - 2 for message in line.messages]
        sizes.append(0)
    return sizes


def _any_blank(block: bytes, skeleton: Skeleton) -> bool:
    begins = skeleton.ends[:-1]
    if _MAYBE_BLANK.isdisjoint(itemgetter(0, *begins)(block)):
        return False
    return any(
        _BLANK.match(block, begin) and not _read_text(block[begin - 1 : end + 1]).strip()
        for begin, end in zip(begins, skeleton.starts[1:], strict=True)
    )
