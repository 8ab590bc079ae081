"""An answer in server-sent events, under another model's name."""

from __future__ import annotations

import json

_DATA = b"data: {"


def renamed(events: bytes, model: str) -> bytes:
    """The events of a chat completion, each of which names `model`."""
    return b"\n".join(_named(line, model) for line in events.split(b"\n"))


def _named(line: bytes, model: str) -> bytes:
    if not line.startswith(_DATA):
        return line
    chunk = json.loads(line.removeprefix(b"data: "))
    return b"data: " + json.dumps({**chunk, "model": model}).encode()
