"""Joints: what a JSON library writes between the texts of a conversation.

They are sought in a block of lines all at once. In a line of valid JSON no joint stands inside a
text, as quotes are escaped there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick, MatchKind

_ROLES = ("system", "user", "assistant")


def _joints(space: str) -> list[str]:
    """What comes before a text, at the beginning of a line and elsewhere, for each role."""
    openings = [f'{{"role":{space}"{role}",{space}"content":{space}"' for role in _ROLES]
    first = [f'{{"messages":{space}[{opening}' for opening in openings]
    return [*first, *(f'"}},{space}{opening}' for opening in openings)]


# Without and with a space after each comma and colon. The last one ends a line.
_JOINTS = [joint.encode() for joint in (*_joints(""), *_joints(" "), '"}]}\n')]
_END = len(_JOINTS) - 1
_KIND_ENDS = bytes([_END])


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The joints of a block of whole lines; texts stand between the end of one and the start of
    the next.

    `lines` tells the kinds of joints in each line, without the one that ends it.
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
        return Skeleton(bytes(kinds).split(_KIND_ENDS)[:-1], starts, ends)


def is_spaced(kinds: bytes) -> bool:
    """Whether all joints of these kinds have a space after each comma and colon."""
    return min(kinds) >= 2 * len(_ROLES)


def roles_of(kinds: bytes) -> tuple[str, ...]:
    """The roles that joints of these kinds name."""
    return tuple(_ROLES[kind % len(_ROLES)] for kind in kinds)
