"""A notification: sent where the variable says, never a failure, and no URL in what is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from ftrunner.share.notify import notify, ring
from tests.kit.reports import report_of
from tests.kit.results import full

pytest.importorskip("apprise", reason="needs the extra notify, which .ci/run installs")
pytestmark = pytest.mark.filterwarnings("ignore")  # apprise's own; ours are errors elsewhere


@pytest.fixture
def posted() -> Iterator[tuple[str, list[Any]]]:
    """A server that takes notifications, as apprise's URL of it, and what it was sent."""
    bodies: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            bodies.append(json.loads(self.rfile.read(length)))
            self.send_response(200 if "refuse" not in self.path else 500)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}", bodies
        server.shutdown()


def test_the_verdict_and_the_gates_are_sent(posted: tuple[str, list[Any]]) -> None:
    url, bodies = posted

    said = list(notify(report_of(full()), ["CHAT"], {"CHAT": url}))

    [body] = bodies
    assert said == []
    assert body["title"] == "Failed: tickets"
    assert "better than base by 2 points" in body["message"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "the variable is not set"),
        ("nonsense", "could not be sent"),
        ("json://127.0.0.1:9/secret-path", "could not be sent"),
        ("URL/refuse", "could not be sent"),
    ],
)
def test_what_goes_wrong_is_said_without_the_url(
    posted: tuple[str, list[Any]], value: str, says: str
) -> None:
    value = value.replace("URL", posted[0])

    [said] = notify(report_of(full()), ["CHAT"], {"CHAT": value})

    assert "CHAT" in said
    assert says in said
    assert not value or value not in said


def test_a_terminal_rings_and_has_the_verdict_in_its_title() -> None:
    named = replace(full(), name="tick\x1b[2Jets\a")

    assert ring(report_of(named)) == "\a\x1b]0;Failed: tick�[2Jets�\a"


def test_one_that_fails_does_not_keep_the_next(posted: tuple[str, list[Any]]) -> None:
    url, bodies = posted

    said = list(notify(report_of(full()), ["ONE", "TWO"], {"ONE": "nonsense", "TWO": url}))

    assert (len(said), len(bodies)) == (1, 1)
