"""Tokens of an example, counted exactly and offline with the model's own vocabulary.

Loading a vocabulary takes a tenth of a second and 130 MB, so it happens in `load_counter` and
nowhere else, only where tokens were asked for or lines are long enough to be cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import msgspec

from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.conversation import Example, Message

# Chat overhead as OpenAI's cookbook counts it (How_to_count_tokens_with_tiktoken.ipynb).
PER_MESSAGE = 3
PER_NAME = 1
# The cookbook adds three for a reply, which training does not have: a recorded job trained 5,070
# tokens in ten epochs of ten examples whose messages have 497 (ruby-openai, `finetunes_create`).
PER_EXAMPLE = 1
# With `detail: low`, the only published figure, and the least otherwise; OpenAI vision guide.
PER_IMAGE = 85

# The tokenizer takes less than a million characters at once; longer text is counted in pieces.
# Where a letter or a digit has a space or a mark after it no token of these vocabularies goes on,
# so that a cut there changes no count. Of a text without such a place the count is nearly exact.
_PIECE = 500_000
_CUT = re.compile(r"(?<=[^\W_])(?=[ \n\t.,;:!?()\"、。，！？；：])")
# Texts of many lines: system prompts, labels, answers that are given again. The counts of so many,
# of so many characters at most, are kept.
_KEPT, _SHORT = 4_000, 2_000
_NEAR = 10_000  # characters before the end of a piece in which a place to cut is sought

Count = Callable[[str], int]


class TokenCounter:
    """Counts tokens with one vocabulary, `encoding`."""

    def __init__(self, encoding: str, count: Count, *, piece: int = _PIECE) -> None:
        self.encoding = encoding
        self._count = count
        self._again = lru_cache(_KEPT)(count)
        self._piece = piece

    def text(self, text: str) -> int:
        """Tokens of `text`, special tokens taken as ordinary text."""
        if len(text) <= _SHORT:
            return self._again(text)
        if len(text) <= self._piece:
            return self._count(text)
        return sum(map(self._count, self._pieces(text)))

    def _pieces(self, text: str) -> Iterator[str]:
        start = 0
        while start < len(text):
            end = start + self._piece
            if end < len(text):
                places = _CUT.finditer(text, max(start + 1, end - _NEAR), end)
                end = max((place.start() for place in places), default=end)
            yield text[start:end]
            start = end

    def example(self, example: Example) -> int:
        """Tokens a line is trained on, the overhead of its messages included."""
        texts = sum(self.text(text) for _, text in example.texts)
        if example.format.is_plain:
            return texts
        called = sum(self.text(call.name) for call in example.calls)
        messages = sum(map(self._message, example.messages))
        images = PER_IMAGE * len(example.images)
        return PER_EXAMPLE + messages + texts + called + images + self._tools(example)

    def conversation(self, roles: Sequence[str], texts: Sequence[str]) -> int:
        """Tokens of a chat line that is nothing but roles and texts."""
        overhead = PER_EXAMPLE + PER_MESSAGE * len(roles)
        return overhead + sum(map(self.text, roles)) + sum(map(self.text, texts))

    def _message(self, message: Message) -> int:
        name = message.value.get("name")
        overhead = PER_MESSAGE + self.text(message.role)
        return overhead + (PER_NAME + self.text(name) if name else 0)

    def _tools(self, example: Example) -> int:
        """Tool definitions, counted as their JSON: how providers write them is not published."""
        preference = example.format is Format.PREFERENCE
        owner = example.line["input"] if preference else example.line
        tools = [*owner.get("tools", ()), *owner.get("functions", ())]
        return self.text(msgspec.json.encode(tools, order="sorted").decode()) if tools else 0


def load_counter(encoding: str) -> TokenCounter:
    """The counter of a vocabulary. Slow; see above."""
    # What the package wraps: its `Encoding` has no `count`, which makes no list of the tokens.
    from bpe_openai import _bindings  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy to load

    return TokenCounter(encoding, _bindings.tokenizer_for_encoding(encoding).count)
