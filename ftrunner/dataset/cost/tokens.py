"""Tokens of an example, counted exactly and offline with the model's own vocabulary.

Loading a vocabulary takes 60 ms and 80 MB, so it happens in `load_counter` and nowhere else, only
where tokens were asked for or lines are long enough to be cut.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any

import msgspec
from xxhash import xxh3_128_intdigest

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
_NEAR = 10_000  # characters before the end of a piece in which a place to cut is sought
# Texts come again: system prompts, tools, labels, a conversation that grows from line to line. The
# counts of so many are kept, each in a hundred bytes: by a digest, however long the text is.
_KEPT = 20_000
_EXTENSION = "bpe_openai._bindings"

_read_text = msgspec.json.Decoder(str).decode

Count = Callable[[str], int]


class TokenCounter:
    """Counts tokens with one vocabulary, `encoding`."""

    def __init__(self, encoding: str, count: Count, *, piece: int = _PIECE) -> None:
        self.encoding = encoding
        self._count = count
        self._piece = piece
        self._kept: dict[int, int] = {}
        self._of_roles = lru_cache(self._roles)

    def text(self, text: str) -> int:
        """Tokens of `text`, special tokens taken as ordinary text."""
        return self.string(msgspec.json.encode(text))

    def string(self, string: bytes) -> int:
        """The same of the text of a JSON string, with its quotes."""
        digest = xxh3_128_intdigest(string)
        known = self._kept.get(digest)
        if known is None:
            known = sum(map(self._count, self._pieces(_read_text(string))))
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[digest] = known
        return known

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

    def conversation(self, roles: tuple[str, ...], strings: Iterable[bytes]) -> int:
        """Tokens of a chat line that is nothing but roles and texts, which are JSON strings."""
        return PER_EXAMPLE + self._of_roles(roles) + sum(map(self.string, strings))

    def _roles(self, roles: tuple[str, ...]) -> int:
        return PER_MESSAGE * len(roles) + sum(map(self.text, roles))

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
    try:
        count: Count = _extension().tokenizer_for_encoding(encoding).count
    except (ImportError, AttributeError):  # a version of the package that is built in another way
        count = _count_of_package(encoding)
    return TokenCounter(encoding, count)


def _extension() -> Any:
    """The extension that `bpe_openai` wraps, without the package: that reads three vocabularies by
    itself when it is imported, for a third of a second and into 70 MB, and has no `count`, which
    makes no list of the tokens. Raises ImportError.
    """
    if _EXTENSION not in sys.modules:
        package = find_spec(_EXTENSION.partition(".")[0])
        folders = package.submodule_search_locations if package else None
        found = PathFinder.find_spec(_EXTENSION, folders)
        if found is None or found.loader is None:
            raise ModuleNotFoundError(_EXTENSION, name=_EXTENSION)
        module = module_from_spec(found)
        found.loader.exec_module(module)
        sys.modules[_EXTENSION] = module
    return sys.modules[_EXTENSION]


def _count_of_package(encoding: str) -> Count:
    """The same by what the package publishes; it reads its data with a deprecated function."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        encode = import_module("bpe_openai").get_encoding(encoding).encode_ordinary
    return lambda text: len(encode(text))
