"""A line that its schema accepts, read as a conversation: messages, texts, calls, images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ftrunner.dataset.formats import Format

Line = Mapping[str, Any]
Path = tuple[str | int, ...]
# Where it is and what is wrong; and what to do about it, where its rule's hint does not fit.
Problem = tuple[Path, str] | tuple[Path, str, str]


class Message(NamedTuple):
    """A message and its path in the line; `learned` when the model is trained to say it."""

    path: Path
    value: Mapping[str, Any]
    role: str
    learned: bool

    @property
    def is_answer(self) -> bool:
        return self.role == "assistant"


class Text(NamedTuple):
    """A text and its path in the line."""

    path: Path
    text: str


class Call(NamedTuple):
    """A call of a tool, or of a function as it was before tools."""

    path: Path
    name: str
    arguments: str


class Tool(NamedTuple):
    """A tool's definition; `schema` is of its arguments."""

    path: Path
    name: str
    schema: Mapping[str, Any] | None


class Image(NamedTuple):
    """An image, by the address or the data in `url`, and the role of its message."""

    path: Path
    url: str
    role: str
    detail: str | None = None


class Example:
    """One line. Everything is worked out once, when a rule first asks for it."""

    def __init__(self, line: Line, format_: Format) -> None:
        self.line = line
        self.format = format_

    @cached_property
    def context(self) -> Sequence[Message]:
        """The messages before any preferred or avoided output; none in prompt/completion data."""
        if self.format is Format.PREFERENCE:
            return _messages(self.line["input"]["messages"], ("input", "messages"), learns=False)
        if self.format.is_plain:
            return ()
        return _messages(self.line["messages"], ("messages",), learns=self.format is Format.CHAT)

    @cached_property
    def outputs(self) -> Sequence[Sequence[Message]]:
        """The preferred and the avoided output of a preference line."""
        if self.format is not Format.PREFERENCE:
            return ()
        keys = ("preferred_output", "non_preferred_output")
        return [_messages(self.line[key], (key,), learns=True) for key in keys]

    @cached_property
    def messages(self) -> Sequence[Message]:
        """All messages, in the order the line has them."""
        return [*self.context, *(message for output in self.outputs for message in output)]

    @cached_property
    def texts(self) -> Sequence[Text]:
        """Every text of the line that a model reads or learns."""
        found = [text for message in self.messages for text in texts(message)]
        found += [Text((*call.path, "arguments"), call.arguments) for call in self.calls]
        if self.format.is_plain:
            keys = ("prompt", "completion", "text")
            found += [Text((key,), self.line[key]) for key in keys if key in self.line]
        return found

    @cached_property
    def calls(self) -> Sequence[Call]:
        """Every call of a tool or function."""
        return [call for message in self.messages for call in calls(message)]

    @cached_property
    def has_tools(self) -> bool:
        """Whether tools are defined, called, or answer."""
        return bool(self.tools or self.calls) or any(m.role == "tool" for m in self.messages)

    @cached_property
    def images(self) -> Sequence[Image]:
        """Every image."""
        return [image for message in self.messages for image in images(message)]

    @cached_property
    def tools(self) -> Sequence[Tool]:
        """Every definition of a tool or function."""
        nested = self.format is Format.PREFERENCE
        owner = self.line["input"] if nested else self.line
        start: Path = ("input",) if nested else ()
        tools = owner.get("tools", ())
        functions = owner.get("functions", ())
        return [
            *(_tool((*start, "tools", i, "function"), t["function"]) for i, t in enumerate(tools)),
            *(_tool((*start, "functions", i), f) for i, f in enumerate(functions)),
        ]


def _messages(values: Sequence[Mapping[str, Any]], path: Path, *, learns: bool) -> list[Message]:
    return [
        Message(
            (*path, index),
            value,
            value["role"],
            learns and value["role"] == "assistant" and value.get("weight", 1) != 0,
        )
        for index, value in enumerate(values)
    ]


def _tool(path: Path, function: Mapping[str, Any]) -> Tool:
    return Tool(path, function["name"], function.get("parameters"))


def texts(message: Message) -> Iterator[Text]:
    """The texts of a message's content, as one string or as parts, its refusal and reasoning."""
    for key in ("content", "refusal", "reasoning", "reasoning_content"):
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


def calls(message: Message) -> Iterator[Call]:
    """The message's tool calls, and its deprecated function call."""
    for index, call in enumerate(message.value.get("tool_calls", ())):
        function = call["function"]
        path = (*message.path, "tool_calls", index, "function")
        yield Call(path, function["name"], function["arguments"])
    function = message.value.get("function_call")
    if function is not None:
        yield Call((*message.path, "function_call"), function["name"], function["arguments"])


def images(message: Message) -> Iterator[Image]:
    """The images among the parts of a message's content."""
    content = message.value.get("content")
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if part["type"] == "image_url":
            path = (*message.path, "content", index, "image_url")
            image = part["image_url"]
            yield Image(path, image["url"], message.role, image.get("detail"))


def says_something(message: Message) -> bool:
    """Whether an answer holds a text that is not blank, or calls a tool."""
    return any(text.strip() for _, text in texts(message)) or any(True for _ in calls(message))
