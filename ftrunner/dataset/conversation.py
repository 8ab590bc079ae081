"""Reading a line that its schema accepts: messages, texts and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ftrunner.dataset.formats import Format

Line = Mapping[str, Any]
Path = tuple[str | int, ...]
Problem = tuple[Path, str]


class Message(NamedTuple):
    """A message and its path in the line; `learned` when the model is trained to say it."""

    path: Path
    value: Mapping[str, Any]
    learned: bool

    @property
    def role(self) -> str:
        return str(self.value["role"])

    @property
    def is_answer(self) -> bool:
        return self.role == "assistant"


class Text(NamedTuple):
    """A text and its path in the line."""

    path: Path
    text: str


def context(line: Line, format_: Format) -> Sequence[Message]:
    """The messages before any preferred or avoided output; none in prompt/completion data."""
    if format_ is Format.PREFERENCE:
        return _messages(line["input"]["messages"], ("input", "messages"), learns=False)
    if format_ is Format.COMPLETION:
        return ()
    learns = format_ is Format.CHAT
    return _messages(line["messages"], ("messages",), learns=learns)


def outputs(line: Line, format_: Format) -> Iterator[Sequence[Message]]:
    """The preferred and the avoided output of a preference line."""
    if format_ is Format.PREFERENCE:
        yield _messages(line["preferred_output"], ("preferred_output",), learns=True)
        yield _messages(line["non_preferred_output"], ("non_preferred_output",), learns=True)


def every_message(line: Line, format_: Format) -> list[Message]:
    """All messages, in the order the line has them."""
    return [*context(line, format_), *(m for output in outputs(line, format_) for m in output)]


def _messages(values: Sequence[Mapping[str, Any]], path: Path, *, learns: bool) -> list[Message]:
    return [
        Message(
            (*path, index),
            value,
            learns and value["role"] == "assistant" and value.get("weight", 1) != 0,
        )
        for index, value in enumerate(values)
    ]


def texts(message: Message) -> Iterator[Text]:
    """The texts of a message's content, as one string or as parts, and its refusal."""
    for key in ("content", "refusal"):
        value = message.value.get(key)
        if isinstance(value, str):
            yield Text((*message.path, key), value)
        elif isinstance(value, list):
            yield from _part_texts(value, (*message.path, key))


def _part_texts(parts: Sequence[Mapping[str, Any]], path: Path) -> Iterator[Text]:
    for index, part in enumerate(parts):
        for key in ("text", "refusal"):
            if isinstance(part.get(key), str):
                yield Text((*path, index, key), part[key])


def calls(message: Message) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The message's tool calls, and its deprecated function call, each `{name, arguments}`."""
    for index, call in enumerate(message.value.get("tool_calls", ())):
        yield (*message.path, "tool_calls", index, "function"), call["function"]
    if "function_call" in message.value:
        yield (*message.path, "function_call"), message.value["function_call"]


def says_something(message: Message) -> bool:
    """Whether an answer holds a text that is not blank, or calls a tool."""
    return any(text.strip() for _, text in texts(message)) or any(True for _ in calls(message))


def line_texts(line: Line, format_: Format) -> Iterator[Text]:
    """Every text of the line that a model reads or learns."""
    for message in every_message(line, format_):
        yield from texts(message)
        for path, call in calls(message):
            yield Text((*path, "arguments"), call["arguments"])
    if format_ is Format.COMPLETION:
        yield Text(("prompt",), line["prompt"])
        yield Text(("completion",), line["completion"])


def images(message: Message) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The images among the parts of a message's content."""
    content = message.value.get("content")
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if part["type"] == "image_url":
            yield (*message.path, "content", index, "image_url"), part["image_url"]
