"""`POST /chat/completions`, the most frequent route."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mockserver.answers.chat import chunks, completion
from mockserver.answers.models import answers
from mockserver.data.records import Completion
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.body import read_as
from mockserver.http.errors import WireError
from mockserver.provider import Provider
from mockserver.rules.chat import ChatRequest, check_chat
from mockserver.verdict.exchange import exchange_of


class Chat:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create(self, request: Request) -> Response:
        asked = await self._read(request)
        check_chat(asked)
        owner = owner_of(request)
        document = completed(self._provider, asked, await answers(self._provider, asked, owner))
        if asked.store:
            self._store(asked, document, owner)
        if asked.stream:
            return StreamingResponse(_events(asked, document), media_type="text/event-stream")
        return respond.document(document)

    async def _read(self, request: Request) -> ChatRequest:
        """The request; its model, even a missing one, is logged for the verdict."""
        exchange = exchange_of(request)
        try:
            asked = await read_as(request, ChatRequest)
        except WireError as error:
            exchange.model = "" if error.param == "model" else None
            raise
        exchange.model = asked.model
        return asked

    def _store(self, asked: ChatRequest, document: dict[str, Any], owner: str) -> None:
        self._provider.store.completions.add(
            Completion(
                id=document["id"],
                owner=owner,
                created_at=document["created"],
                model=asked.model,
                metadata=asked.metadata or {},
                messages=asked.messages,
                response=document,
            )
        )


def completed(
    provider: Provider, asked: ChatRequest, messages: list[Mapping[str, Any]]
) -> dict[str, Any]:
    """The response to a chat, which the model answers with these messages."""
    return completion(
        asked,
        messages,
        ids=provider.ids,
        tokens=provider.usage_tokens,
        created=int(provider.clock.now()),
    )


async def _events(asked: ChatRequest, document: Mapping[str, Any]) -> AsyncIterator[bytes]:
    """Server-sent events: one for each chunk, and the end marker."""
    for chunk in chunks(asked, document):
        yield b"data: " + msgspec.json.encode(chunk) + b"\n\n"
    yield b"data: [DONE]\n\n"
