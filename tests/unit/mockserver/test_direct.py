"""A chat that is answered directly gets the application's answer, ids and entry in the log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Scope

from mockserver.build_provider import build_provider
from mockserver.faults.scenario import load_scenario
from mockserver.http.app import create_app
from mockserver.http.direct import DirectChat
from mockserver.settings import Settings
from mockserver.store.database import Store
from mockserver.verdict.exchange import Exchange

TUNED = "ft:gpt-4o-mini-2024-07-18:personal::abcdefgh"
LINES = [
    {
        "messages": [
            {"role": "user", "content": f"What is number {n}?"},
            {"role": "assistant", "content": f"Number {n} is a number."},
        ]
    }
    for n in range(10)
]
FIXTURES = {
    "files": [{"id": "file-1", "lines": LINES}],
    "jobs": [{"id": "ftjob-1", "training_file": "file-1", "fine_tuned_model": TUNED}],
}
KEY = [(b"host", b"m"), (b"authorization", b"Bearer sk-0123456789abcdefghij")]


def chat(**fields: Any) -> bytes:
    asked = {"model": TUNED, "messages": [{"role": "user", "content": "What is number 7?"}]}
    return json.dumps({**asked, **fields}).encode()


class Pair:
    """Two providers with one seed: the first has the direct way, the second the application's."""

    def __init__(self, fixtures: Path, scenario: str | None = None, *, warm: bool = True) -> None:
        options = Settings(seed=7, clock="manual", fixtures=fixtures)
        self.providers = [build_provider(options, Store(None)) for _ in range(2)]
        if scenario:
            for provider in self.providers:
                provider.faults.add(load_scenario(scenario))
        self.direct = DirectChat(self.providers[0])
        self.apps = [create_app(provider) for provider in self.providers]
        if warm:  # a model's first answer is a lookup, which is the application's
            for app in self.apps:
                by_application(app, chat(), KEY)

    def close(self) -> None:
        for provider in self.providers:
            provider.store.close()


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("direct") / "fixtures.json"
    path.write_text(json.dumps(FIXTURES), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pair(fixtures: Path) -> Iterator[Pair]:
    made = Pair(fixtures)
    yield made
    made.close()


def by_application(
    app: ASGIApp, body: bytes, headers: list[tuple[bytes, bytes]]
) -> tuple[int, dict[bytes, bytes], bytes]:
    """The status, headers and body of the application's response."""
    sent: list[Message] = []
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if not unread:
            await asyncio.Event().wait()  # the client stays
        return unread.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    path = "/v1/chat/completions"
    scope: Scope = {
        **{"type": "http", "method": "POST", "path": path, "raw_path": path.encode()},
        **{"query_string": b"", "headers": headers, "root_path": "", "extensions": {}},
    }

    async def respond() -> None:
        await app(scope, receive, send)

    asyncio.run(respond())
    content = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), content


def logged(exchange: Exchange) -> Exchange:
    """The entry without real time."""
    assert exchange.answered is not None
    return replace(exchange, real=0.0, answered=0.0)


TEXTS = st.sampled_from(["What is number 7?", "What is number 77?", "Is 7 a number?", "你好", ""])
BODIES = st.fixed_dictionaries(
    {
        "model": st.sampled_from([TUNED, "gpt-4o-mini", "mock-judge", "gpt-none"]),
        "messages": st.lists(
            st.fixed_dictionaries(
                {"role": st.sampled_from(["system", "user", "assistant", "narrator"])},
                optional={"content": TEXTS | st.none() | st.just([{"type": "text", "text": "a"}])},
            ),
            max_size=3,
        ),
    },
    optional={
        "n": st.integers(0, 3),
        "temperature": st.sampled_from([0, 1, 1.5, 3]),
        "seed": st.integers(0, 5),
        "stop": st.sampled_from(["number", ["is", "a"]]),
        "max_tokens": st.integers(-1, 4),
        "logprobs": st.booleans(),
        "response_format": st.just({"type": "json_object"}),
        "stream": st.booleans(),
        "store": st.booleans(),
        "wrong": st.none(),
    },
).map(lambda body: json.dumps(body).encode())


@settings(max_examples=150, deadline=None)
@given(body=BODIES, headers=st.sampled_from([KEY, KEY[:1], [*KEY, (b"x", b"y")]]))
def test_both_ways_agree(pair: Pair, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    ours, theirs = pair.apps
    answer = pair.direct({"method": "POST", "query_string": b"", "headers": headers}, body)
    status, sent, content = by_application(theirs, body, headers)

    if answer is None:
        assert by_application(ours, body, headers) == (status, sent, content)
    else:
        assert (status, sent[b"x-request-id"].decode(), content) == (200, *answer)
        assert sent[b"content-type"] == b"application/json"
    mine, other = (provider.exchanges.latest()[-1] for provider in pair.providers)
    assert logged(mine) == logged(other)


@pytest.mark.parametrize("body", [chat(), chat(model="gpt-4o-mini"), chat(n=2, temperature=1)])
def test_ordinary_chats_are_answered_directly(pair: Pair, body: bytes) -> None:
    assert answered_directly(pair, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        chat(messages=[]),
        chat(stream=True),
        chat(store=True),
        chat(model="gpt-none"),
        chat(model="mock-judge"),
    ],
    ids=["empty", "cut", "no text", "deep", "refused", "stream", "store", "no model", "judge"],
)
def test_what_may_be_refused_or_kept_is_the_applications(pair: Pair, body: bytes) -> None:
    assert not answered_directly(pair, body)


@pytest.mark.parametrize("scenario", ["500-storm", "requests-per-minute", "base-as-tuned"])
def test_no_fault_is_passed_by(fixtures: Path, scenario: str) -> None:
    pair = Pair(fixtures, scenario)

    assert not answered_directly(pair, chat(model="gpt-4o-mini"))
    pair.close()


def test_a_models_first_answer_is_the_applications(fixtures: Path) -> None:
    pair = Pair(fixtures, warm=False)

    assert not answered_directly(pair, chat())
    pair.close()


def test_a_deleted_model_answers_no_more(fixtures: Path) -> None:
    pair = Pair(fixtures)

    pair.providers[0].learners.forget()  # what a deletion does

    assert not answered_directly(pair, chat())
    pair.close()


def answered_directly(pair: Pair, body: bytes) -> bool:
    scope = {"method": "POST", "query_string": b"", "headers": KEY}
    return pair.direct(scope, body) is not None
