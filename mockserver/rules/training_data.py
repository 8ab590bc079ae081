"""What each provider takes as training data, where it is not what OpenAI takes.

The rules for single lines are the table in `examples`; a dialect declares its limits here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PLAIN = (("prompt", "completion"), ("text",))
"""The keys of the formats that hold text in place of messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRules:
    """One provider's limits and freedoms; by default none of either is known."""

    source: str
    min_examples: int = 1
    plain: tuple[tuple[str, ...], ...] = ()
    """The keys of each format without messages that supervised training takes."""
    weight_roles: tuple[str, ...] = ("assistant",)
    """Whose messages may have a weight."""
    long_outputs: bool = False
    """Whether a preferred output may hold a tool call, its result and the answer."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who may speak, by the method, where it is not who the contract says."""
    message_keys: tuple[str, ...] = ()
    """Keys of an assistant's message beyond those of the contract."""
    images: int | None = None
    """The most images of an example."""
    web_images: bool = True
    """Whether an image may be an address."""
    alternating: tuple[str, ...] = ()
    """Roles of which no two messages stand in a row."""
    system_first: bool = False
    """Whether a system message may only come first."""
    ends_with_answer: bool = True
    """Whether a conversation must end with the assistant."""
    ends_with_call: bool = True
    """Whether its last message may call a tool."""
    special_tokens: bool = True
    """Whether the model's own tokens may stand in a text."""
