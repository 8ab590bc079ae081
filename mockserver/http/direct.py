"""Answers the most frequent request, a chat, in one step.

A task, a router and a response object cost three times what the answer does.
"""

from __future__ import annotations

import msgspec
from starlette.types import Scope

from mockserver.answers.judge import JUDGE
from mockserver.answers.models import ask, ready_model
from mockserver.http.access import key_of, owner_with
from mockserver.http.errors import WireError
from mockserver.http.gate import CHAT
from mockserver.provider import Provider
from mockserver.routes.chat import completed
from mockserver.rules.chat import ChatRequest, check_chat
from mockserver.verdict.exchange import note_body


class DirectChat:
    """Answers a chat that no fault, refusal or lookup concerns; the application does the rest.

    Its answers, ids and log are those of the application: a test compares them.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __call__(self, scope: Scope, body: bytes) -> tuple[str, bytes] | None:
        """The request's id and the response; None leaves the request to the application."""
        faults, key = self._provider.faults, key_of(scope)
        if faults.is_armed or faults.twins or not key:
            return None
        try:
            asked = msgspec.json.decode(body, type=ChatRequest)
            check_chat(asked)
            return self._answered(scope, body, asked, key)
        except (WireError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def _answered(
        self, scope: Scope, body: bytes, asked: ChatRequest, key: bytes
    ) -> tuple[str, bytes] | None:
        provider = self._provider
        owner = owner_with(key, isolate=provider.settings.isolate_keys)
        model = ready_model(provider, asked.model, owner)
        if model is None or asked.model == JUDGE or asked.stream or asked.store:
            return None
        request_id = provider.ids.new("request")
        messages = ask(provider, model, asked, owner)
        content = msgspec.json.encode(completed(provider, asked, messages))
        exchange = provider.exchanges.begin(scope, CHAT)
        note_body(scope, body)
        exchange.model, exchange.status = asked.model, 200
        exchange.answered = provider.exchanges.real()
        return request_id, content
