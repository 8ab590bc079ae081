"""Reads a chat request before the routes do, for faults that depend on its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.types import Message, Receive

from mockserver.http.body import MAX_JSON
from mockserver.learning.exchange import content_text


@dataclass(frozen=True, slots=True)
class ChatText:
    """The model and the last user message of a chat request."""

    model: str
    prompt: str


async def peek_at_chat(receive: Receive) -> tuple[ChatText | None, Receive]:
    """The text of a chat request, None for any other, and a function that receives it again."""
    messages: list[Message] = []
    size, more = 0, True
    while more and size <= MAX_JSON:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        more = messages[-1].get("more_body", False)
    body = b"".join(message.get("body", b"") for message in messages)
    ahead = iter(messages)

    async def again() -> Message:
        return next(ahead, None) or await receive()

    return _parse(body), again


def _parse(body: bytes) -> ChatText | None:
    try:
        asked: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    messages = asked.get("messages") if isinstance(asked, dict) else None
    if not isinstance(messages, list):
        return None
    prompts = [
        content_text(message.get("content"))
        for message in messages
        if isinstance(message, dict) and message.get("role") == "user"
    ]
    return ChatText(str(asked.get("model", "")), prompts[-1] if prompts else "")
