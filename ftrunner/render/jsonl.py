"""Events as JSON Lines, for programs: one object a line, each with its schema version."""

from __future__ import annotations

import json
from typing import TextIO

from ftrunner.events import Event, as_document


class JsonLines:
    """Writes every event to `stream` as it comes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        self._stream.write(f"{dumps(as_document(event))}\n")
        self._stream.flush()


def dumps(document: object) -> str:
    """One line of JSON; characters outside ASCII as they are."""
    return json.dumps(document, ensure_ascii=False)
