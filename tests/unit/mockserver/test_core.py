"""How a dialect calls the application inside."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from mockserver.adapter.dialect import Refusal
from mockserver.adapter.inner_app import InnerApp

PIECES = [b"first", b"second", b"third"]


class Client:
    """Sends a body in pieces, and notes what has been taken from it."""

    def __init__(self) -> None:
        self.left = list(PIECES)

    async def receive(self) -> Message:
        piece = self.left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.left)}

    @property
    def request(self) -> Request:
        headers = [(b"content-type", b"text/plain")]
        scope = {
            "type": "http",
            "method": "PUT",
            "path": "/",
            "query_string": b"",
            "headers": headers,
        }
        return Request({**scope, "server": ("mock", 80)}, self.receive)


class Inside:
    """An application that notes, at each piece it gets, how many the client still holds."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.held: list[int] = []
        self.body = b""

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            self.body += message["body"]
            self.held.append(len(self._client.left))
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.mark.parametrize("way", ["upload", "pass_on"])
def test_an_upload_is_handed_on_piece_by_piece(way: str) -> None:
    client = Client()
    inside = Inside(client)
    core = InnerApp(inside)
    called = (
        core.upload(client.request, "a.jsonl", owner="me")
        if way == "upload"
        else core.pass_on(client.request, "/v1/files", owner="me")
    )

    assert asyncio.run(called).is_success
    assert b"firstsecondthird" in inside.body
    assert sorted(set(inside.held), reverse=True)[-3:] == [2, 1, 0]


async def paged(scope: Scope, _: Receive, send: Send) -> None:
    """A list of 250 items, or a refusal where it is another."""
    query = dict(pair.split("=") for pair in scope["query_string"].decode().split("&"))
    start = int(query.get("after", -1)) + 1
    items = [{"id": number} for number in range(start, min(start + int(query["limit"]), 250))]
    body = {"data": items, "has_more": start + len(items) < 250}
    known = scope["path"] == "/v1/things"
    status = 200 if known else 404
    await send({"type": "http.response.start", "status": status, "headers": []})
    found = body if known else {"error": {"message": "none such", "code": "gone"}}
    await send({"type": "http.response.body", "body": json.dumps(found).encode()})


def test_a_list_is_followed_to_its_end() -> None:
    found = asyncio.run(InnerApp(paged).all(Client().request, "/v1/things", owner="me"))

    assert [item["id"] for item in found] == list(range(250))


def test_a_refusal_inside_is_one_outside() -> None:
    with pytest.raises(Refusal, match="none such") as caught:
        asyncio.run(InnerApp(paged).all(Client().request, "/v1/others", owner="me"))

    assert (caught.value.status, caught.value.code) == (404, "gone")
