"""Hints about what a schema refuses, where more is known than what it wants."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ftrunner.dataset.foreign.lines import CannotConvert, role_of

Path = Sequence[str | int]

# Programs whose exports have keys that no training data has.
_ORIGINS = (
    (("Unnamed: 0", "__index_level_0__", "index", "level_0"), "pandas wrote its index"),
    (("annotations", "refusal", "audio", "parsed", "reasoning_details"),
     "the client's model_dump() writes it"),
    (("prefix",), "Mistral's API takes it in requests"),
    (("cache_control",), "Anthropic's API takes it in requests"),
    (("reasoning", "reasoning_content", "thinking"), "Together trains on it, others do not"),
    (("model", "temperature", "max_tokens", "top_p", "stream", "response_format"),
     "it belongs to a request"),
)  # fmt: skip

_IMAGE = '{"type": "image_url", "image_url": {"url": "data:image/png;base64,…"}}'
_TEXT = '{"type": "text", "text": "…"}'
_PARTS = {
    "image": _IMAGE,
    "input_image": _IMAGE,
    "image_file": _IMAGE,
    "image_base64": _IMAGE,
    "input_text": _TEXT,
    "output_text": _TEXT,
}
_NO_TRAINING = ("input_audio", "audio", "file", "input_file", "video", "video_url", "document")
_OUTPUTS = ("preferred_output", "non_preferred_output")


def origin_of(keys: Sequence[str], path: Path) -> str | None:
    """Who wrote these keys of the object at `path`, where all have one origin."""
    if list(keys) == ["index"] and "tool_calls" in path:
        return "a stream of answers numbers its calls"
    for names, origin in _ORIGINS:
        if set(keys) <= set(names):
            return origin
    return None


def on_missing(value: object, key: str) -> str | None:
    """What an object without `key` was probably meant to be."""
    if not isinstance(value, Mapping):
        return None
    if key == "function" and "name" in value:
        return 'put the tool\'s name, description and parameters under "function": {…}'
    if key == "role" and value.get("type") in ("function_call", "function_call_output"):
        return (
            "this is an item of the Responses API: write an assistant message with tool_calls, and"
            " its result as a message with the role tool"
        )
    return None


def says_all(value: Mapping[str, Any], title: str) -> bool:
    """Whether the hint about a missing key of an object says what its other keys are about, too."""
    return title == "tool" and "function" not in value and "name" in value


def on_type(path: Path, value: object) -> str | None:
    """How a value of the wrong type is to be written."""
    key = path[-1] if path else None
    if key == "arguments" and isinstance(value, dict | list):
        return f"write the arguments as a string: {_short(json.dumps(json.dumps(value)))}"
    if key == "content" and isinstance(value, bool | int | float):
        return f'write it as a text: "{json.dumps(value)}"'
    if key in _OUTPUTS or (len(path) > 1 and path[-2] in _OUTPUTS):
        said = value.get("content") if isinstance(value, dict) else value
        text = json.dumps(said if isinstance(said, str) else "…", ensure_ascii=False)
        return f'write a list: [{{"role": "assistant", "content": {_short(text)}}}]'
    if key == "input":
        return 'write an object: {"messages": [{"role": "user", "content": "…"}]}'
    if key == "image_url":
        return 'write an object: {"url": "data:image/png;base64,…"}'
    if key == "messages":
        return 'write a list: [{"role": "user", "content": "…"}, …]'
    return None


def on_value(path: Path, value: object, allowed: Sequence[object]) -> str | None:
    """How a value that is none of `allowed` is to be written."""
    key = path[-1] if path else None
    if key == "role":
        return _on_role(value, allowed)
    if key == "type" and isinstance(value, str):
        if value in _NO_TRAINING:
            return "no model is trained on it: leave the part out"
        if value in _PARTS and "text" in allowed:
            return f"write {_PARTS[value]}"
    written = str(value).strip().lower()
    same = next((each for each in allowed if str(each) in (written, str(value))), None)
    if same is None and isinstance(value, bool) and int(value) in allowed:
        same = int(value)
    if same is not None and not isinstance(same, str):
        return f"write {same} without quotes" if isinstance(value, str) else f"write {same}"
    return None if same is None else f"write '{same}'"


def _on_role(value: object, allowed: Sequence[object]) -> str | None:
    """The role that was meant, where another format or another tool calls it so."""
    if value == "developer" and "system" in allowed:
        return "write system: supervised and preference data call it so"
    if value == "system" and "developer" in allowed:
        return "write developer: reinforcement data calls it so"
    try:
        role = role_of(value)
    except CannotConvert:
        return None
    is_meant = role in allowed
    return f"write {role}; `ftrunner data convert SOURCE TARGET` does it" if is_meant else None


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
