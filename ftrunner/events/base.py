"""What every event has, and how it is written as JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_type_hints

import msgspec

from ftrunner.findings import SCHEMA_VERSION, Finding


class Event(msgspec.Struct, frozen=True):
    """The base of all events."""

    kind: ClassVar[str]


Name = Annotated[str, "name"]
"""A text that stays as it is: an id, a name or a path that programs read back, or a fixed word.

Every other text of an event is redacted before it is shown or kept.
"""

Emit = Callable[[Event], None]
_PLAIN = frozenset({str, float, int, type(None), dict})  # what most fields are


def as_document(event: Event) -> dict[str, Any]:
    """The event as one JSON object, as `--json` prints it and the run log keeps it."""
    return {"schema": SCHEMA_VERSION, "event": event.kind, **fields_of(event)}


def fields_of(event: Event) -> dict[str, Any]:
    """The event's own fields, by name, as JSON has them."""
    return {name: _plain(value) for name, value in msgspec.structs.asdict(event).items()}


@cache
def names_of(event: type[Event]) -> frozenset[str]:
    """The fields of this kind of event that are declared to hold names."""
    hints = get_type_hints(event, include_extras=True)
    return frozenset(field for field in event.__struct_fields__ if _is_name(hints[field]))


def _is_name(hint: Any) -> bool:
    return hint == Name or any(map(_is_name, get_args(hint)))


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Finding):
        return value.as_dict()
    if isinstance(value, Event):
        return fields_of(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
