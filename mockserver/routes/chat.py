"""`/chat/completions`: the route that is called most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver import respond
from mockserver.access import owner_of
from mockserver.body import read_json
from mockserver.exchanges import exchange_of
from mockserver.models import answer
from mockserver.provider import Provider
from mockserver.rules.chat import check_chat


class Chat:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create(self, request: Request) -> Response:
        asked = await read_json(request)
        exchange_of(request).model = str(asked.get("model"))
        check_chat(asked)
        message = await answer(
            self._provider,
            asked["model"],
            asked["messages"],
            owner=owner_of(request),
            seed=asked.get("seed") or 0,
        )
        return respond.document(self._completion(asked, message))

    def _completion(self, asked: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
        prompt = self._provider.tokens.messages(asked["messages"], asked["model"])
        written = self._provider.tokens.text(str(message.get("content") or ""), asked["model"])
        return {
            "id": self._provider.ids.new("completion"),
            "object": "chat.completion",
            "created": int(self._provider.clock.now()),
            "model": asked["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"content": None, "refusal": None, **message},
                    "logprobs": None,
                    "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
                }
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": written,
                "total_tokens": prompt + written,
            },
        }
