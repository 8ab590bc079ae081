"""A provider's rules for training data, where providers differ.

The rules for single lines are the table in `examples`; a dialect declares its limits here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PLAIN = (("prompt", "completion"), ("text",))
"""The keys of the formats with text in place of messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRules:
    """One provider's limits and extensions; by default there are none."""

    source: str
    min_examples: int = 1
    plain: tuple[tuple[str, ...], ...] = ()
    """The keys of each format without messages that supervised training accepts."""
    weight_roles: tuple[str, ...] = ("assistant",)
    """The roles whose messages may have a weight."""
    long_outputs: bool = False
    """Whether a preferred output may hold a tool call, its result and the answer."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The allowed roles by method, if they differ from the contract."""
    message_keys: tuple[str, ...] = ()
    """Keys of an assistant's message in addition to the contract's."""
    images: int | None = None
    """The maximum number of images in an example."""
    web_images: bool = True
    """Whether an image may be a URL."""
    alternating: tuple[str, ...] = ()
    """Roles that may not have two messages in a row."""
    system_first: bool = False
    """Whether only the first message may be a system message."""
    ends_with_answer: bool = True
    """Whether a conversation must end with the assistant."""
    ends_with_call: bool = True
    """Whether its last message may call a tool."""
    special_tokens: bool = True
    """Whether texts may contain the model's special tokens."""
