"""Training examples as pairs of a prompt and its completion.

Accepted lines are in the chat format (`messages`), text (`prompt` and `completion`, or `text`),
preference data (`input` and `preferred_output`) or reinforcement data, which has no completion
and yields no pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log
from typing import Any

Message = Mapping[str, Any]

_FIELD = "\x1f"
_RECORD = "\x1e"
SEPARATORS = (_FIELD, _RECORD)
"""They separate the fields and the messages in a prompt's text."""

_KEPT = ("tool_calls", "function_call", "refusal")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The last user turn with all that follows it, and the conversation before it."""

    context: str
    turn: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A prompt and the assistant message that answers it."""

    prompt: Prompt
    completion: Message


def exchanges_in(example: Mapping[str, Any]) -> Iterator[Exchange]:
    """An exchange for each assistant message in the example that is trained on.

    Messages of weight 0 are context only. A line in an unknown format has no exchanges.
    """
    messages = _messages(example)
    for position, message in enumerate(messages):
        if message.get("role") == "assistant" and message.get("weight") != 0:
            yield Exchange(prompt_of(messages[:position]), _answer(message))


def data_entropy(examples: Iterable[Mapping[str, Any]]) -> float:
    """The entropy of the completions' characters, in nats per character.

    This is the loss of a predictor that knows only character frequencies. 0 without
    completions. Reads `examples` once, as a stream.
    """
    counts: Counter[str] = Counter()
    for example in examples:
        for exchange in exchanges_in(example):
            counts.update(text_of(exchange.completion))
    total = counts.total()
    return max(0.0, -sum(count / total * log(count / total) for count in counts.values()))


def prompt_of(messages: Sequence[Message]) -> Prompt:
    """A conversation split at its last user turn."""
    start = len(messages)
    for position in range(len(messages) - 1, -1, -1):
        if messages[position].get("role") == "user":
            start = position
            break
    turn = text_of(messages[start]) if start < len(messages) else ""
    return Prompt(_rendered(messages[:start]), turn + _rendered(messages[start + 1 :]))


def text_of(message: Message) -> str:
    """All text of a message: its content, then its tool calls."""
    content = content_text(message.get("content"))
    if "tool_calls" not in message and "function_call" not in message:
        return content
    calls = [call.get("function") for call in _mappings(message.get("tool_calls"))]
    functions = _mappings([*calls, message.get("function_call")])
    return _FIELD.join(text for text in [content, *map(_call_text, functions)] if text)


def _messages(example: Mapping[str, Any]) -> Sequence[Message]:
    asked = example.get("input")
    if not isinstance(asked, Mapping):
        return _mappings(example.get("messages")) or plain_messages(example)
    context = [{**message, "weight": 0} for message in _mappings(asked.get("messages"))]
    return [*context, *_mappings(example.get("preferred_output"))]


def plain_messages(example: Mapping[str, Any]) -> list[Message]:
    """The messages for a prompt with its completion, or for a text to continue."""
    if "messages" in example:
        return []
    if isinstance(example.get("text"), str):
        return [{"role": "assistant", "content": example["text"]}]
    prompt, completion = example.get("prompt"), example.get("completion")
    if not isinstance(prompt, str) or not isinstance(completion, str):
        return []
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": completion}]


def _mappings(value: object) -> list[Message]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _answer(message: Message) -> Message:
    kept = {key: message[key] for key in _KEPT if message.get(key) is not None}
    if "tool_calls" in kept:
        kept["tool_calls"] = _mappings(kept["tool_calls"])
    content = message.get("content")
    text = content_text(content) if isinstance(content, list) else content
    return {"role": "assistant", "content": text, **kept}


def _rendered(messages: Sequence[Message]) -> str:
    return "".join(f"{_RECORD}{_role(message)}{_FIELD}{text_of(message)}" for message in messages)


def _role(message: Message) -> object:
    role = message.get("role")
    return "system" if role == "developer" else role


def content_text(content: object) -> str:
    """The text of a message's content, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return " ".join(_part_text(part) for part in _mappings(content))


def _part_text(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    if isinstance(text, str):
        return text
    # An image or a sound may be megabytes of base64; a hash distinguishes two of them.
    seen = blake2b(repr(part).encode("utf-8", "backslashreplace"), digest_size=8)
    return f"{part.get('type')}-{seen.hexdigest()}"


def _call_text(function: Mapping[str, Any]) -> str:
    return f"{function.get('name')}{_FIELD}{function.get('arguments')}"
