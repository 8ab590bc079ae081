"""What a line that passed adds to its dataset, whichever path it passed by."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import msgspec

from ftrunner.canonical import canonical_json
from ftrunner.dataset.cost.tokens import TokenCounter
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import conversation
from ftrunner.dataset.lines.conversation import Example, Message


class Facts(Protocol):
    """Texts are the insides of JSON strings; empty bytes mean that there is none.

    `row` is the line in its canonical form: equal bytes for equal values, however their lines are
    written. `prompt` is the canonical line up to its last answer, in formats where one prompt has
    one answer. `system` is the system prompt, `question` what the user said last before the last
    answer.
    """

    @property
    def row(self) -> bytes: ...

    @property
    def roles(self) -> tuple[str, ...]: ...

    @property
    def prompt(self) -> bytes | memoryview: ...

    @property
    def system(self) -> bytes: ...

    @property
    def question(self) -> bytes: ...

    @property
    def coarse(self) -> bool:
        """Whether it may be trained on more tokens than can be counted."""

    def tokens(self, counter: TokenCounter) -> int:
        """How many tokens the line is trained on, or at least where that is coarse."""


class ExampleFacts(NamedTuple):
    """The facts of a decoded line."""

    example: Example

    @property
    def row(self) -> bytes:
        return canonical_json(self.example.line)

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(message.role for message in self.example.messages)

    @property
    def prompt(self) -> bytes:
        example = self.example
        if example.format is Format.COMPLETION:
            return encoded(example.line["prompt"])
        if example.format is not Format.CHAT or len(example.messages) < 2:
            return b""
        before = [message.value for message in example.messages[:-1]]
        return canonical_json({"messages": before}).removesuffix(b'"}]}')

    @property
    def system(self) -> bytes:
        first = next(iter(self.example.messages), None)
        return _text(first) if first is not None and first.role == "system" else b""

    @property
    def question(self) -> bytes:
        if self.example.format.is_plain:
            return encoded(self.example.line.get("prompt", ""))
        asked = [message for message in self.example.messages if message.role == "user"]
        return _text(asked[-1]) if asked else b""

    @property
    def coarse(self) -> bool:
        return any(image.detail != "low" for image in self.example.images)

    def tokens(self, counter: TokenCounter) -> int:
        return counter.example(self.example)


def _text(message: Message) -> bytes:
    return encoded("".join(text for _, text in conversation.texts(message)))


def encoded(text: str) -> bytes:
    """The inside of the JSON string for `text`."""
    return msgspec.json.encode(text)[1:-1]
