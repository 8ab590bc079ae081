"""What every event has, and how it is written as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from ftrunner.findings import SCHEMA_VERSION, Finding


class Event(msgspec.Struct, frozen=True):
    """The base of all events."""

    kind: ClassVar[str]


Emit = Callable[[Event], None]


def as_document(event: Event) -> dict[str, Any]:
    """The event as one JSON object, as `--json` prints it and the run log keeps it."""
    return {"schema": SCHEMA_VERSION, "event": event.kind, **fields_of(event)}


def fields_of(event: Event) -> dict[str, Any]:
    """The event's own fields, by name, as JSON has them."""
    return {name: _plain(value) for name, value in msgspec.structs.asdict(event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return value.as_dict()
    if isinstance(value, Event):
        return fields_of(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
