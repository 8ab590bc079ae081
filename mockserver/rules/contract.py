"""The contract's rules for messages, their parts and calls, and tools.

Each function returns the fault, as text to follow "message 2", or None.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import jsonschema_rs

_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_DATA = re.compile(r"data:(image/[a-z+.-]+);base64,(.*)", re.DOTALL)
_PAGES = ("drive.google.com/file/", "drive.google.com/open", "dropbox.com/", "github.com/")
_OTHER_IMAGES = (".gif", ".bmp", ".tif", ".tiff", ".svg", ".heic", ".avif", ".pdf")
_SIGNATURES = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp")
_LARGEST_IMAGE = 10 * 1024 * 1024
_PARTS = {"text": ("text",), "refusal": ("refusal",), "image_url": ("image_url",)}
_TOOLS = 128


def parts_fault(message: Mapping[str, Any], *, web: bool = True) -> str | None:
    """The fault of a message's content, which is text or parts."""
    content = message.get("content")
    if not isinstance(content, list):
        return None
    if not content:
        return "content must not be empty."
    faults = (_part_fault(part, message["role"], web=web) for part in content)
    return next((fault for fault in faults if fault), None)


def _part_fault(part: Any, role: str, *, web: bool) -> str | None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in _PARTS:
        return f"has a content part of the unknown type {kind!r}."
    if set(part) != {"type", *_PARTS[kind]}:
        return f"has a content part of type {kind!r} with missing or extra keys."
    if kind != "image_url":
        return None if isinstance(part[kind], str) else f"{kind} must be a string."
    if role != "user":
        return "has an image, which only user messages can have."
    return _image_fault(part["image_url"], web=web)


def _image_fault(image: Any, *, web: bool) -> str | None:
    if not isinstance(image, dict) or not isinstance(image.get("url"), str):
        return "image_url must be an object with a url."
    if image.get("detail", "auto") not in ("auto", "low", "high"):
        return "image_url.detail must be auto, low or high."
    url = image["url"]
    if url.startswith(("https://", "http://")):
        is_page = any(page in url for page in _PAGES) and not url.endswith((".png", ".jpg"))
        is_other = url.lower().endswith(_OTHER_IMAGES)
        return "has an image that cannot be read." if not web or is_page or is_other else None
    found = _DATA.match(url)
    return _bytes_fault(found[1], found[2]) if found else "has an image without a usable address."


def _bytes_fault(type_: str, data: str) -> str | None:
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return "has an image that is not base64."
    if len(content) > _LARGEST_IMAGE:
        return "has an image that is too large."
    is_ = next((name for start, name in _SIGNATURES if content.startswith(start)), type_)
    return None if is_ == type_ and type_ in _IMAGE_TYPES else f"has an image of the type {type_}."


def images_in(messages: Iterable[Mapping[str, Any]]) -> int:
    """The number of images in messages."""
    contents = (message.get("content") for message in messages)
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return sum(1 for part in parts if isinstance(part, dict) and part.get("type") == "image_url")


def keys_fault(message: Mapping[str, Any]) -> str | None:
    """The fault of keys other than role and content: null values and texts."""
    for key in ("name", "tool_calls", "tool_call_id", "weight"):
        if key in message and message[key] is None:
            return f"{key} must not be null."
    if not isinstance(message.get("name", "a"), str) or not message.get("name", "a"):
        return "name must be a string."
    if message.get("audio") is not None:
        return "audio cannot be trained on."
    if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
        return 'is missing key "tool_call_id".'
    only_assistants = [key for key in ("tool_calls", "function_call") if key in message]
    if only_assistants and message["role"] != "assistant":
        return f'contains an extra key "{only_assistants[0]}".'
    return None


def calls_fault(message: Mapping[str, Any]) -> str | None:
    """The fault of the tool calls of an answer."""
    for call in message.get("tool_calls") or ():
        if not isinstance(call, dict) or set(call) != {"id", "type", "function"}:
            return "tool_calls must have an id, a type and a function each."
        if call["type"] != "function" or not isinstance(call["id"], str):
            return "tool_calls must be of type function."
        if not _is_called(call["function"]):
            return "tool_calls must hold functions with a name and arguments."
    old = message.get("function_call")
    return None if old is None or _is_called(old) else "function_call needs a name and arguments."


def _is_called(function: Any) -> bool:
    return (
        isinstance(function, dict)
        and set(function) == {"name", "arguments"}
        and isinstance(function["arguments"], str)
        and _is_name(function["name"])
    )


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def tools_fault(example: Mapping[str, Any]) -> str | None:
    """The fault of an example's tools, functions and `parallel_tool_calls`."""
    if not isinstance(example.get("parallel_tool_calls", True), bool):
        return ", parallel_tool_calls must be a boolean."
    for key in ("tools", "functions"):
        tools = example.get(key, [])
        if not isinstance(tools, list) or len(tools) > _TOOLS:
            return f', key "{key}" must be a list of at most {_TOOLS}.'
    functions = [*map(_function_of, example.get("tools", [])), *example.get("functions", [])]
    if not all(map(_is_function, functions)):
        return ', key "tools" must hold functions with a name.'
    names = [function["name"] for function in functions]
    return None if len(names) == len(set(names)) else ", a tool is defined twice."


def _function_of(tool: Any) -> Any:
    is_tool = isinstance(tool, dict) and set(tool) == {"type", "function"}
    return tool["function"] if is_tool and tool["type"] == "function" else None


def _is_function(function: Any) -> bool:
    if not isinstance(function, dict) or not _is_name(function.get("name")):
        return False
    if set(function) - {"name", "description", "parameters", "strict"}:
        return False
    described = isinstance(function.get("description", ""), str)
    strict = function.get("strict") is None or isinstance(function["strict"], bool)
    return described and strict and _is_schema(function.get("parameters", {}))


def _is_schema(parameters: Any) -> bool:
    try:
        options = jsonschema_rs.FancyRegexOptions()
        jsonschema_rs.validator_for(parameters, retriever=_refuse, pattern_options=options)
    except (ValueError, RecursionError):
        return False
    return isinstance(parameters, dict)


def _refuse(uri: str) -> NoReturn:
    raise ValueError(uri)


def links_fault(messages: list[Mapping[str, Any]], example: Mapping[str, Any]) -> str | None:
    """The fault of calls and results: each needs the other, and calls use defined tools."""
    open_: set[str] = set()
    called: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in called:
                return f" has no call '{message['tool_call_id']}' before its result."
            open_.discard(message["tool_call_id"])
            continue
        if open_:
            return f" has no result for the call '{min(open_)}'."
        ids = [call["id"] for call in message.get("tool_calls") or ()]
        if len(ids) != len(set(ids)):
            return " has two calls with the same id."
        open_ = set(ids)
        called |= open_
    if open_ and messages[-1]["role"] == "tool":
        return f" has no result for the call '{min(open_)}'."
    return _undefined(messages, example)


def _undefined(messages: Iterable[Mapping[str, Any]], example: Mapping[str, Any]) -> str | None:
    functions = [*map(_function_of, example.get("tools", [])), *example.get("functions", [])]
    defined = {function["name"] for function in functions}
    for message in messages:
        calls = [call["function"] for call in message.get("tool_calls") or ()]
        calls += [message["function_call"]] if message.get("function_call") else []
        for call in calls:
            if defined and call["name"] not in defined:
                return f" calls '{call['name']}', which no tool defines."
    return None
