"""What there is to learn: prompts and the completions that answer them.

Accepted lines are those of the chat format (``messages``), of text (``prompt`` and ``completion``,
or ``text``), of preference data (``input`` and ``preferred_output``) and of reinforcement data,
which holds no completion and teaches none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

Message = Mapping[str, Any]

_FIELD = "\x1f"
_RECORD = "\x1e"
SEPARATORS = (_FIELD, _RECORD)
"""What stands between the fields and the messages of a prompt's text."""

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
    """Yield an exchange for each assistant message that ``example`` trains.

    Messages of weight 0 are context only. A line of an unknown form yields nothing.
    """
    messages = _messages(example)
    for position, message in enumerate(messages):
        if message.get("role") == "assistant" and message.get("weight") != 0:
            yield Exchange(prompt_of(messages[:position]), _answer(message))


def prompt_of(messages: Sequence[Message]) -> Prompt:
    """Split a conversation at its last user turn."""
    start = len(messages)
    for position in range(len(messages) - 1, -1, -1):
        if messages[position].get("role") == "user":
            start = position
            break
    turn = "".join(text_of(message) for message in messages[start : start + 1])
    return Prompt(_rendered(messages[:start]), turn + _rendered(messages[start + 1 :]))


def text_of(message: Message) -> str:
    """Return all the text of a message: its content, then the calls it makes."""
    calls = [call.get("function") for call in _mappings(message.get("tool_calls"))]
    functions = _mappings([*calls, message.get("function_call")])
    texts = [content_text(message.get("content")), *map(_call_text, functions)]
    return _FIELD.join(text for text in texts if text)


def _messages(example: Mapping[str, Any]) -> Sequence[Message]:
    asked = example.get("input")
    if not isinstance(asked, Mapping):
        return _mappings(example.get("messages")) or plain_messages(example)
    context = [{**message, "weight": 0} for message in _mappings(asked.get("messages"))]
    return [*context, *_mappings(example.get("preferred_output"))]


def plain_messages(example: Mapping[str, Any]) -> list[Message]:
    """The messages that a prompt with its completion, or a text to go on, stand for."""
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
    """Return the text of a message's content, a string or a list of parts."""
    if isinstance(content, str):
        return content
    return " ".join(_part_text(part) for part in _mappings(content))


def _part_text(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    if isinstance(text, str):
        return text
    # An image or a sound may be megabytes of base64: enough of it to tell two apart.
    seen = blake2b(repr(part).encode("utf-8", "backslashreplace"), digest_size=8)
    return f"{part.get('type')}-{seen.hexdigest()}"


def _call_text(function: Mapping[str, Any]) -> str:
    return f"{function.get('name')}{_FIELD}{function.get('arguments')}"
