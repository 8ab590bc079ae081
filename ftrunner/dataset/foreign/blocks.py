"""Conversations whose turns are lists of blocks, as Anthropic, Bedrock, Gemini and OpenAI's
Responses API have them: texts, images, calls of tools and their results.

A function raises `CannotConvert` where a line lacks what it needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ftrunner.dataset.foreign.lines import (
    SYSTEMS,
    CannotConvert,
    Line,
    Made,
    message,
    role_of,
    tools_of,
)

# Blocks that only one of these has, each by the key or type that shows it.
_KEYS = ("toolUse", "toolResult", "functionCall", "functionResponse", "inlineData")
_TYPES = ("tool_use", "tool_result", "thinking")
_SKIPPED = ("thinking", "redacted_thinking", "reasoning", "cachePoint")


class _Call(NamedTuple):
    id: str | None
    name: str
    arguments: Any


class _Result(NamedTuple):
    id: str | None
    name: str | None
    content: str


_Block = str | Made | _Call | _Result  # a text, a part of chat, a call or a result


def has_blocks(line: Line) -> bool:
    """Whether a message of a line holds a call or a result as chat does not have them."""
    turns = line.get("messages")
    if not isinstance(turns, list):
        return False
    contents = (turn.get("content") for turn in turns if isinstance(turn, dict))
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return any(isinstance(part, dict) and _is_foreign(part) for part in parts)


def _is_foreign(part: Made) -> bool:
    return part.get("type") in _TYPES or any(key in part for key in _KEYS)


def from_system_beside(line: Line) -> Made:
    """Messages as Anthropic and Bedrock have them, with the system prompt beside them or none."""
    configured = line.get("toolConfig")
    tools = line.get("tools") or (configured or {}).get("tools")
    said = _Conversation()
    for turn in line["messages"]:
        said.add(turn, role_of(turn["role"]), turn.get("content"))
    return _made(line, said, tools)


def from_gemini(line: Line) -> Made:
    """Gemini's contents of parts."""
    if not isinstance(line["contents"], list):
        raise CannotConvert("'contents' is not a list of turns")
    said = _Conversation()
    for turn in line["contents"]:
        parts = [turn] if isinstance(turn, str) else turn.get("parts") or ()
        role = "user" if isinstance(turn, str) else role_of(turn.get("role", "user"))
        said.add({}, role, list(parts))
    return _made(line, said, line.get("tools"))


def from_responses(line: Line) -> Made:
    """Input and output of the Responses API; OpenAI's evals call the output ideal."""
    said = _Conversation()
    for key, role in (("input", "user"), ("output", "assistant"), ("ideal", "assistant")):
        value = line.get(key)
        for item in [value] if isinstance(value, str) else value or ():
            _add_item(said, item, role)
    return _made(line, said, line.get("tools"))


def _add_item(said: _Conversation, item: Any, role: str) -> None:
    if isinstance(item, str):
        said.add({}, role, item)
    elif item.get("type", "message") == "message":
        said.add({}, role_of(item.get("role", role)), item["content"])
    else:
        said.add({}, "assistant", [item])


def _made(line: Line, said: _Conversation, tools: Any) -> Made:
    names = ("systemInstruction", "system_instruction", "instructions", *SYSTEMS)
    system = next((line[name] for name in names if line.get(name)), None)
    first = [message("system", _plain_text(system))] if system else []
    rest = {"tools": tools_of(tools)} if tools else {}
    return {"messages": [*first, *said.messages], **rest}


def _plain_text(value: Any) -> str:
    """The text of a system prompt: of its parts, one after the other."""
    if isinstance(value, Mapping):
        value = value.get("parts") or [value]
    texts = [value] if isinstance(value, str) else list(_blocks(value))
    if not all(isinstance(text, str) for text in texts):
        raise CannotConvert("a part of the system prompt is not text")
    return "".join(map(str, texts))


@dataclass(slots=True)
class _Conversation:
    """Messages of chat, and the calls that have no result yet, each with its tool."""

    messages: list[Made] = field(default_factory=list)
    _waiting: list[tuple[str, str]] = field(default_factory=list)
    _calls: int = 0

    def add(self, turn: Line, role: str, content: Any) -> None:
        """Add a turn: the results in it, then what is said, with the calls that go with it."""
        if not isinstance(content, list):
            others = {key: value for key, value in turn.items() if key not in ("role", "content")}
            self.messages.append({**message(role, content), **others})
            return
        blocks = list(_blocks(content))
        self.messages += [self._result(each) for each in blocks if isinstance(each, _Result)]
        calls = [self._call(each) for each in blocks if isinstance(each, _Call)]
        said = [each for each in blocks if isinstance(each, str | dict)]
        if said or calls:
            self._say("assistant" if calls else role, _content(said), calls)
        elif not blocks and not content:
            raise CannotConvert("a turn says nothing")

    def _say(self, role: str, content: Any, calls: list[Made]) -> None:
        """Calls that follow an answer of the assistant's belong to it."""
        last = self.messages[-1] if self.messages else None
        if calls and content is None and last and last["role"] == "assistant":
            last["tool_calls"] = [*last.get("tool_calls", ()), *calls]
            return
        self.messages.append({**message(role, content), **({"tool_calls": calls} if calls else {})})

    def _call(self, call: _Call) -> Made:
        self._calls += 1
        name = call.id or f"call_{self._calls}"
        self._waiting.append((name, call.name))
        function = {"name": call.name, "arguments": _as_json(call.arguments)}
        return {"id": name, "type": "function", "function": function}

    def _result(self, result: _Result) -> Made:
        """A result without the id of its call belongs to the first one of its tool."""
        meant = [
            (name, tool)
            for name, tool in self._waiting
            if name == result.id or (result.id is None and tool == result.name)
        ]
        if not meant:
            raise CannotConvert("a result belongs to no call before it")
        self._waiting.remove(meant[0])
        return {**message("tool", result.content), "tool_call_id": meant[0][0]}


def _content(said: list[str | Made]) -> Any:
    """A text, or a list of parts where there are images among the texts; None for nothing."""
    if all(isinstance(each, str) for each in said):
        return "".join(map(str, said)) if said else None
    return [{"type": "text", "text": each} if isinstance(each, str) else each for each in said]


def _as_json(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    return json.dumps({} if arguments is None else arguments, ensure_ascii=False)


def _blocks(parts: Iterable[Any]) -> Iterator[_Block]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif not isinstance(part, dict):
            raise CannotConvert("a part is not an object")
        elif not _is_skipped(part):
            yield _block(part)


def _is_skipped(part: Made) -> bool:
    """Thoughts are not part of an answer, nor marks for a cache part of a text."""
    is_thought = part.get("thought") is True or "reasoningContent" in part
    return is_thought or part.get("type") in _SKIPPED or "cachePoint" in part


def _block(part: Made) -> _Block:
    for read in (_text, _call, _result, _image):
        found = read(part)
        if found is not None:
            return found
    kind = part.get("type") or ", ".join(part)
    raise CannotConvert(f"a part is neither text, an image, a call nor a result, but '{kind}'")


def _text(part: Made) -> str | None:
    is_text = part.get("type", "text") in ("text", "input_text", "output_text", "refusal")
    said = part.get("text", part.get("refusal"))
    return said if is_text and isinstance(said, str) else None


def _either(part: Made, *names: str) -> Any:
    return next((part[name] for name in names if isinstance(part.get(name), dict)), None)


def _call(part: Made) -> _Call | None:
    if part.get("type") == "tool_use":
        return _Call(part.get("id"), part["name"], part.get("input"))
    if part.get("type") == "function_call":
        return _Call(part.get("call_id"), part["name"], part.get("arguments"))
    if used := _either(part, "toolUse"):
        return _Call(used.get("toolUseId"), used["name"], used.get("input"))
    if called := _either(part, "functionCall", "function_call"):
        return _Call(called.get("id"), called["name"], called.get("args"))
    return None


def _result(part: Made) -> _Result | None:
    if part.get("type") == "tool_result":
        return _Result(part.get("tool_use_id"), None, _said_by_tool(part.get("content", "")))
    if part.get("type") == "function_call_output":
        return _Result(part.get("call_id"), None, _said_by_tool(part.get("output", "")))
    if used := _either(part, "toolResult"):
        return _Result(used.get("toolUseId"), None, _said_by_tool(used.get("content", "")))
    if seen := _either(part, "functionResponse", "function_response"):
        return _Result(seen.get("id"), seen.get("name"), _said_by_tool(seen.get("response", "")))
    return None


def _said_by_tool(value: Any) -> str:
    """What a tool answered as text; values are written as JSON."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return "".join(map(_said_in, value))


def _said_in(part: Any) -> str:
    """What one part of a tool's answer says."""
    if isinstance(part, dict) and "json" in part:
        return _said_by_tool(part["json"])
    return _only_text(part)


def _only_text(part: Any) -> str:
    said = part if isinstance(part, str) else _text(part) if isinstance(part, dict) else None
    if said is None:
        raise CannotConvert("a tool's result is not text")
    return said


def _image(part: Made) -> Made | None:
    if part.get("type") == "image_url":
        return part
    held = _either(part, "inlineData", "inline_data", "fileData", "file_data")
    if held is not None:
        kind = str(held.get("mimeType") or held.get("mime_type"))
        return _shown(held.get("fileUri") or held.get("file_uri"), kind, held.get("data"))
    source = _either(part.get("image") or part, "source")
    if source is not None:
        kind = source.get("media_type") or f"image/{(part.get('image') or {}).get('format')}"
        return _shown(source.get("url"), kind, source.get("data") or source.get("bytes"))
    if part.get("type") == "input_image" and isinstance(part.get("image_url"), str):
        return _shown(part["image_url"], "image/", None)
    return None


def _shown(address: Any, kind: str, data: Any) -> Made:
    if not kind.startswith("image/"):
        raise CannotConvert(f"a part is of the type {kind}, and only images can be trained on")
    url = address or f"data:{kind};base64,{data}"
    if not str(url).startswith(("http://", "https://", "data:")):
        raise CannotConvert("an image lies where no provider can fetch it")
    return {"type": "image_url", "image_url": {"url": url}}
