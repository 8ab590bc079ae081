"""What every event has, and how it is written as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ftrunner.findings import SCHEMA_VERSION, Finding


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""

    kind: ClassVar[str]


Emit = Callable[[Event], None]


def as_document(event: Event) -> dict[str, Any]:
    """The event as one JSON object, as `--json` prints it and the run log keeps it."""
    return {"schema": SCHEMA_VERSION, "event": event.kind, **_fields(event)}


def _fields(event: Event) -> dict[str, Any]:
    names: tuple[str, ...] = event.__match_args__
    return {name: _plain(getattr(event, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return value.as_dict()
    if isinstance(value, Event):
        return _fields(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
