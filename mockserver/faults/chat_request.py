"""What a chat request says, read before the routes see it, for faults that depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.types import Message, Receive

from mockserver.http.body import MAX_JSON
from mockserver.learning.exchange import content_text


@dataclass(frozen=True, slots=True)
class Said:
    """The model that is asked, and the text of the last user message."""

    model: str
    prompt: str


async def overheard(receive: Receive) -> tuple[Said | None, Receive]:
    """What the request says, if it is a chat request, and what receives it once more."""
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

    return _said(body), again


def _said(body: bytes) -> Said | None:
    try:
        asked: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    messages = asked.get("messages") if isinstance(asked, dict) else None
    if not isinstance(messages, list):
        return None
    prompts = [
        content_text(message.get("content"))
        for message in messages
        if isinstance(message, dict) and message.get("role") == "user"
    ]
    return Said(str(asked.get("model", "")), prompts[-1] if prompts else "")
