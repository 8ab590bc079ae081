"""The rules for chat requests.

Source of names and ranges: the contract's `CreateChatCompletionRequest`. Parameters that the
mock ignores still have their types checked, as in the real service.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mockserver.http.errors import WireError, bad_request
from mockserver.rules.creation import metadata_refusal

ROLES = frozenset({"developer", "system", "user", "assistant", "tool", "function"})

Penalty = Annotated[float, Meta(ge=-2, le=2)]
Limit = Annotated[int, Meta(ge=0)]


class StreamOptions(msgspec.Struct, forbid_unknown_fields=True):
    include_usage: bool = False
    include_obfuscation: bool = True


class ChatRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /chat/completions`."""

    model: str
    messages: list[dict[str, Any]]
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | Annotated[list[str], Meta(max_length=4)] | None = None
    max_tokens: Limit | None = None
    max_completion_tokens: Limit | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    logit_bias: dict[str, float] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: dict[str, Any] | None = None
    prediction: dict[str, Any] | None = None
    moderation: dict[str, Any] | None = None
    web_search_options: dict[str, Any] | None = None
    functions: list[dict[str, Any]] | None = None
    function_call: str | dict[str, Any] | None = None


def check_chat(asked: ChatRequest) -> None:
    """Raise a 400 for the first fault of a chat request."""
    if not asked.messages:
        raise bad_request(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got "
            "an empty array instead.",
            param="messages",
            code="empty_array",
        )
    for number, message in enumerate(asked.messages):
        role = message.get("role")
        if type(role) is not str or role not in ROLES or type(message.get("content")) is not str:
            _check_message(message, f"messages[{number}]")
    if asked.metadata:
        refusal = metadata_refusal(asked.metadata)
        if refusal is not None:
            raise refusal
    if asked.stream_options is not None and not asked.stream:
        raise bad_request(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )


def _check_message(message: dict[str, Any], place: str) -> None:
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        names = ", ".join(f"'{name}'" for name in sorted(ROLES))
        raise bad_request(
            f"Invalid value: {str(role)[:40]!r}. Supported values are: {names}.",
            param=f"{place}.role",
            code="invalid_value",
        )
    content = message.get("content")
    if content is None and role != "assistant":
        raise bad_request(
            "Invalid value for 'content': expected a string, got null.", param=f"{place}.content"
        )
    if content is not None and not isinstance(content, str):
        _check_parts(content, f"{place}.content")


def _check_parts(content: Any, place: str) -> None:
    if not isinstance(content, list):
        raise _invalid_type(place, "a string or an array of objects")
    for number, part in enumerate(content):
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise _invalid_type(f"{place}[{number}]", "an object with a type")
        if part["type"] == "text" and not isinstance(part.get("text"), str):
            raise _invalid_type(f"{place}[{number}].text", "a string")


def _invalid_type(param: str, wanted: str) -> WireError:
    return bad_request(
        f"Invalid type for '{param}': expected {wanted}.", param=param, code="invalid_type"
    )
