"""What the mock provider thinks of its client."""

from __future__ import annotations

import requests

from mockserver.server import MockServer


def insist_on_clean_verdict(server: MockServer) -> None:
    """Fail, with the server's words, where its client did something it should not have."""
    verdict = requests.get(f"{server.origin}/_mock/verdict", timeout=10).json()
    assert verdict["clean"], verdict
