"""What a provider refuses in a chat request.

Source: the contract's `CreateChatCompletionRequest`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.errors import WireError, bad_request

ROLES = ("developer", "system", "user", "assistant", "tool", "function")


def check_chat(asked: Mapping[str, Any]) -> None:
    """Raise the 400 that the first fault of a chat request earns."""
    if "model" not in asked:
        raise bad_request("you must provide a model parameter")
    if not isinstance(asked["model"], str):
        raise _invalid_type("model", "a string")
    messages = asked.get("messages")
    if messages is None:
        raise bad_request(
            "Missing required parameter: 'messages'.",
            param="messages",
            code="missing_required_parameter",
        )
    if not isinstance(messages, list):
        raise _invalid_type("messages", "an array of objects")
    if not messages:
        raise bad_request(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got "
            "an empty array instead.",
            param="messages",
            code="empty_array",
        )
    for number, message in enumerate(messages):
        _check_message(message, f"messages[{number}]")
    seed = asked.get("seed")
    if seed is not None and type(seed) is not int:
        raise _invalid_type("seed", "an integer")


def _check_message(message: Any, place: str) -> None:
    if not isinstance(message, dict):
        raise _invalid_type(place, "an object")
    role = message.get("role")
    if role not in ROLES:
        names = ", ".join(f"'{name}'" for name in ROLES)
        raise bad_request(
            f"Invalid value: '{role}'. Supported values are: {names}.",
            param=f"{place}.role",
            code="invalid_value",
        )
    content = message.get("content")
    if content is None and role != "assistant":
        raise bad_request(
            "Invalid value for 'content': expected a string, got null.",
            param=f"{place}.content",
        )
    if content is not None and not isinstance(content, str | list):
        raise _invalid_type(f"{place}.content", "a string or an array of objects")


def _invalid_type(param: str, wanted: str) -> WireError:
    return bad_request(
        f"Invalid type for '{param}': expected {wanted}.", param=param, code="invalid_type"
    )
