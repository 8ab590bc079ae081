"""Stored `/chat/completions`: list, retrieve, update, delete, messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mockserver.data.records import Completion
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.body import read_as
from mockserver.http.errors import no_such
from mockserver.provider import Provider
from mockserver.rules.creation import metadata_refusal

PAGING = respond.Paging(default=20, maximum=100, order="asc")


class UpdateCompletion(msgspec.Struct, forbid_unknown_fields=True):
    metadata: dict[str, str] | None


class Completions:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def list(self, request: Request) -> Response:
        labels = respond.metadata_filter(request)
        model = request.query_params.get("model")
        page = respond.page_of(
            self._provider.store.completions,
            request,
            owner_of(request),
            PAGING,
            labels={**labels, "model": model} if model else labels,
        )
        items = [_document(stored) for stored in page.items]
        return respond.document(respond.listing(items, has_more=page.has_more))

    async def retrieve(self, request: Request) -> Response:
        return respond.document(_document(self._find(request)))

    async def update(self, request: Request) -> Response:
        stored = self._find(request)
        asked = await read_as(request, UpdateCompletion)
        refusal = metadata_refusal(asked.metadata)
        if refusal is not None:
            raise refusal
        changed = replace(stored, metadata=asked.metadata or {})
        self._provider.store.completions.replace(changed)
        return respond.document(_document(changed))

    async def delete(self, request: Request) -> Response:
        stored = self._find(request)
        self._provider.store.completions.remove(stored)
        return respond.document(
            {"object": "chat.completion.deleted", "id": stored.id, "deleted": True}
        )

    async def messages(self, request: Request) -> Response:
        stored = self._find(request)
        found = [_message(stored, place) for place in range(len(stored.messages))]
        items, has_more = respond.slice_of(found, request, PAGING, lambda item: str(item["id"]))
        return respond.document(respond.listing(items, has_more=has_more))

    def _find(self, request: Request) -> Completion:
        completion_id = request.path_params["completion_id"]
        stored = self._provider.store.completions.get(completion_id, owner_of(request))
        if stored is None:
            raise no_such("chat completion", completion_id)
        return stored


def _document(stored: Completion) -> dict[str, Any]:
    return {**stored.response, "metadata": stored.metadata}


def _message(stored: Completion, place: int) -> dict[str, Any]:
    message = stored.messages[place]
    content = message.get("content")
    parts = content if isinstance(content, list) else None
    return {
        "id": f"{stored.id}-{place}",
        # The contract allows only this role, though most of these messages are the user's.
        "role": "assistant",
        "content": None if parts is not None else content,
        "content_parts": parts,
        "refusal": None,
    }
