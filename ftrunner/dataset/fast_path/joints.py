"""Joints: what a JSON library, or a hand, writes between the texts of a conversation.

They are sought in a block of lines all at once. In a line of valid JSON no joint is inside a
text, as quotes are escaped there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick, MatchKind

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
