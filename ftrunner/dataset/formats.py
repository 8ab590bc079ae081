"""The formats a line of training data can have, and how to recognise them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from ftrunner.spec.model import Method

# The code of a line that is of another format than its dataset.
OTHER_FORMAT = "FT220"


class Format(StrEnum):
    """A data format; `schemas/dataset-<value>.schema.json` describes it."""

    CHAT = "chat"
    PREFERENCE = "preference"
    REINFORCEMENT = "reinforcement"
    COMPLETION = "completion"
    TEXT = "text"

    @property
    def label(self) -> str:
        """What people call data of this format."""
        return _TITLES[self]

    @property
    def method(self) -> Method:
        """The training method that takes this format."""
        return _METHODS[self]

    @property
    def is_plain(self) -> bool:
        """Whether it holds texts in place of messages."""
        return self in (Format.COMPLETION, Format.TEXT)

    def may_look_like(self, seen: Format) -> bool:
        """Whether a line whose keys speak for `seen` can still be of this format."""
        return seen is self or (seen is Format.CHAT and self is Format.REINFORCEMENT)


_TITLES = {
    Format.CHAT: "chat data",
    Format.PREFERENCE: "preference (DPO) data",
    Format.REINFORCEMENT: "reinforcement data",
    Format.COMPLETION: "prompt/completion data",
    Format.TEXT: "plain text data",
}

_METHODS = {
    Format.CHAT: Method.SUPERVISED,
    Format.COMPLETION: Method.SUPERVISED,
    Format.TEXT: Method.SUPERVISED,
    Format.PREFERENCE: Method.DPO,
    Format.REINFORCEMENT: Method.REINFORCEMENT,
}

_MARKS = (
    (Format.PREFERENCE, {"preferred_output", "non_preferred_output"}),
    (Format.PREFERENCE, {"preferred_completion", "non_preferred_completion"}),
    (Format.COMPLETION, {"prompt", "completion"}),
    (Format.TEXT, {"text"}),
)
# Keys of other shapes with a prompt, or around a text: their lines are none of these formats.
_OTHERS = frozenset(
    ("chosen", "rejected", "response", "output", "answer", "label", "question", "instruction",
     "system", "system_prompt")
)  # fmt: skip


def looks_like(line: Mapping[str, Any]) -> Format | None:
    """The format that the keys of `line` speak for; None when they speak for none."""
    if "messages" in line:
        return Format.CHAT
    for format_, keys in _MARKS:
        if not keys.isdisjoint(line):
            is_other = format_.is_plain and not _OTHERS.isdisjoint(line)
            return None if is_other else format_
    return None


def expected(
    method: Method, first: Mapping[str, Any] | None, taken: Collection[str] = ()
) -> Format:
    """The format that `method` wants. Supervised data may be of several, which the dataset's first
    line decides: plain text only where the provider has it among the formats `taken`.
    """
    if method is Method.DPO:
        return Format.PREFERENCE
    if method is Method.REINFORCEMENT:
        return Format.REINFORCEMENT
    seen = looks_like(first) if first is not None else None
    is_taken = seen is Format.COMPLETION or (seen is Format.TEXT and seen in taken)
    return seen if seen is not None and is_taken else Format.CHAT
