"""Tokens of an example, counted exactly and offline with the model's own vocabulary.

Loading a vocabulary takes a third of a second and 150 MB, so it happens in `load_counter` and
nowhere else, only where tokens were asked for.
"""

from __future__ import annotations

from collections.abc import Callable

from ftrunner.canonical import canonical_json
from ftrunner.dataset import conversation
from ftrunner.dataset.conversation import Line, Message
from ftrunner.dataset.formats import Format

# Chat overhead as OpenAI's cookbook counts it (How_to_count_tokens_with_tiktoken.ipynb).
PER_MESSAGE = 3
PER_NAME = 1
PER_EXAMPLE = 3
# detail: low, the only published figure; OpenAI vision guide.
PER_IMAGE = 85

# The tokenizer takes less than a million characters at once; longer text is counted in pieces.
_PIECE = 500_000

Encode = Callable[[str], int]


class TokenCounter:
    """Counts tokens with one vocabulary, `encoding`."""

    def __init__(self, encoding: str, encode: Encode) -> None:
        self.encoding = encoding
        self._encode = encode

    def text(self, text: str) -> int:
        """Tokens of `text`, special tokens taken as ordinary text."""
        if len(text) <= _PIECE:
            return self._encode(text)
        return sum(
            self._encode(text[start : start + _PIECE]) for start in range(0, len(text), _PIECE)
        )

    def line(self, line: Line, format_: Format) -> int:
        """Tokens a line is trained on, the overhead of its messages included."""
        if format_ is Format.COMPLETION:
            return self.text(line["prompt"]) + self.text(line["completion"])
        messages = sum(map(self._message, conversation.every_message(line, format_)))
        return PER_EXAMPLE + messages + self._tools(line, format_)

    def _message(self, message: Message) -> int:
        name = message.value.get("name")
        called = sum(
            self.text(call["name"]) + self.text(call["arguments"])
            for _, call in conversation.calls(message)
        )
        return (
            PER_MESSAGE
            + self.text(message.role)
            + sum(self.text(text) for _, text in conversation.texts(message))
            + (PER_NAME + self.text(name) if name else 0)
            + called
            + PER_IMAGE * sum(1 for _ in conversation.images(message))
        )

    def _tools(self, line: Line, format_: Format) -> int:
        """Tool definitions, counted as their JSON: how providers write them is not published."""
        owner = line["input"] if format_ is Format.PREFERENCE else line
        tools = [*owner.get("tools", ()), *owner.get("functions", ())]
        return self.text(canonical_json(tools).decode()) if tools else 0


def load_counter(encoding: str) -> TokenCounter:
    """The counter of a vocabulary. Slow; see above."""
    import bpe_openai  # type: ignore[import-untyped]  # noqa: PLC0415 - untyped, and heavy to load

    encode = bpe_openai.get_encoding(encoding).encode_ordinary
    return TokenCounter(encoding, lambda text: len(encode(text)))
