"""Counts tokens as the provider bills them.

A vocabulary takes some time and many megabytes to load, so each is loaded on first use.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, Protocol

import msgspec

from mockserver.learning.exchange import plain_messages

MAX_EXAMPLE_TOKENS = 65_536
"""Longer examples are cut at the end (OpenAI's supervised fine-tuning guide)."""
PER_ROLE = 1
"""Every role is a single token in both vocabularies."""
PER_MESSAGE = 3
PER_NAME = 1
PER_REPLY = 3
"""Overheads of OpenAI's cookbook notebook on counting tokens; a chat's reply starts with three."""
PER_EXAMPLE = 1
"""Additional tokens per training example. Inferred: a recorded job trained 5,070 tokens in
ten epochs of ten examples whose messages have 497 (ruby-openai, cassette `finetunes_create`).
"""


MAX_PIECE = 100_000
"""Longer texts are counted in pieces of this many characters, a limit of the tokenizer."""

_EXTENSION = "bpe_openai._bindings"
_LOST = "\ufffd"
_LATIN = r"A-Za-z\u00c0-\u024f"
_DENSE = (  # Thai, Lao, kana, Han, Hangul: about two characters per token
    r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = r"\u0300-\u036f\u0900-\u0dff\u1000-\u109f\u1780-\u17ff"  # of scripts such as Devanagari
_TOKEN_LIKE = re.compile(
    rf" ?[{_LATIN}]{{1,9}}"
    rf"| ?[{_DENSE}]{{1,2}}"
    rf"| ?(?:[^\W\d_{_LATIN}{_DENSE}]|[{_MARKS}]){{1,5}}"
    r"|\d{1,3}|[ \t]*[\r\n]+[ \t]*| ?[^\w\s]{1,2}| ?_+|\s+|.",
    re.DOTALL,
)


class Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[Any]: ...

    def decode(self, tokens: list[Any]) -> str: ...


class ApproximateEncoding:
    """Splits text into pieces about as long as tokens, without a vocabulary.

    Against `o200k_base` a text of some length is within 15 % in English, code and JSON, and within
    25 % in other languages. `cl100k_base` has up to twice as many tokens outside Latin scripts.
    """

    def __init__(self, name: str = "") -> None:
        """`name` is ignored: one rule approximates every vocabulary."""

    encode_ordinary = staticmethod(_TOKEN_LIKE.findall)
    decode = staticmethod("".join)


class Vocabulary:
    """The tokenizer of a vocabulary, as the extension has it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def encode_ordinary(self, text: str) -> list[Any]:
        """The tokens of `text`; half of a surrogate pair counts as a character that is lost."""
        paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        tokens: list[Any] = self._tokenizer.encode(paired)
        return tokens

    def decode(self, tokens: list[Any]) -> str:
        """The text of the first tokens of a text; those that end within a character are lost."""
        for end in range(len(tokens), 0, -1):
            with suppress(ValueError):  # these bytes are not UTF-8
                return str(self._tokenizer.decode(tokens[:end])) + _LOST * (end < len(tokens))
        return _LOST if tokens else ""


def load_encoding(name: str) -> Encoding:
    """The vocabulary with this name, from the extension that `bpe_openai` wraps: the package itself
    reads three vocabularies in Python when it is imported.
    """
    try:
        return Vocabulary(_extension().tokenizer_for_encoding(name))
    except (ImportError, AttributeError):  # a version of the package that is built in another way
        return _published(name)


def _extension() -> Any:
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


def _published(name: str) -> Encoding:
    """The same as the package has it, which reads its data with a deprecated function."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        encoding: Encoding = import_module("bpe_openai").get_encoding(name)
    return encoding


class Tokenizer:
    """Counts tokens per model; loads each vocabulary once, on first use."""

    def __init__(self, load: Callable[[str], Encoding] = load_encoding) -> None:
        self._load = load
        self._encodings: dict[str, Encoding] = {}

    def text(self, text: str, model: str) -> int:
        if len(text) <= MAX_PIECE:
            return len(self._encoding(model).encode_ordinary(text))
        pieces = (text[start : start + MAX_PIECE] for start in range(0, len(text), MAX_PIECE))
        return sum(self.text(piece, model) for piece in pieces)

    def cut(self, text: str, model: str, limit: int) -> tuple[str, int, bool]:
        """The first `limit` tokens of a text, their number, and whether the text was cut."""
        encoding = self._encoding(model)
        found = encoding.encode_ordinary(text[:MAX_PIECE])
        if len(found) <= limit:
            return text, len(found), False
        return encoding.decode(found[:limit]), limit, True

    def _encoding(self, model: str) -> Encoding:
        name = encoding_name(model)
        if name not in self._encodings:
            self._encodings[name] = self._load(name)
        return self._encodings[name]

    def messages(self, messages: Iterable[Mapping[str, Any]], model: str) -> int:
        """Tokens of chat messages, with the overhead of each message and of the reply."""
        return PER_REPLY + sum(self._message(message, model) for message in messages)

    def example(self, example: Mapping[str, Any], model: str) -> int:
        """Billable tokens of one training example, at most `MAX_EXAMPLE_TOKENS`."""
        counted = PER_EXAMPLE
        counted += sum(self._message(message, model) for message in messages_of(example))
        if example.get("tools"):
            counted += self.text(_json(example["tools"]), model)
        return min(counted, MAX_EXAMPLE_TOKENS)

    def _message(self, message: Mapping[str, Any], model: str) -> int:
        counted = PER_MESSAGE + PER_ROLE
        for key in ("content", "name"):
            value = message.get(key)
            if value is not None:
                counted += self.text(value if isinstance(value, str) else _json(value), model)
        if message.get("name"):
            counted += PER_NAME
        for key in ("tool_calls", "function_call"):
            if message.get(key):
                counted += self.text(_json(message[key]), model)
        return counted


@lru_cache(maxsize=256)
def encoding_name(model: str) -> str:
    """The vocabulary of a model; a tuned model has that of its base model."""
    base = model.removeprefix("ft:")
    older = base.startswith(("gpt-3.5", "babbage", "davinci")) or base in {"gpt-4", "gpt-4-0613"}
    return "cl100k_base" if older else "o200k_base"


def messages_of(example: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All messages of a training example, for any method.

    Keys that a method ignores may hold anything; values that are not lists have no messages.
    """
    asked = example.get("input")
    parts = (
        example.get("messages"),
        plain_messages(example),
        asked.get("messages") if isinstance(asked, Mapping) else None,
        example.get("preferred_output"),
        example.get("non_preferred_output"),
    )
    lists = [part for part in parts if isinstance(part, list)]
    return [message for part in lists for message in part if isinstance(message, Mapping)]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
