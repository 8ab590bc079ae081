"""`schemas/event.schema.json` describes exactly the events there are.

`python -m tests.meta.test_event_schema` writes it again.
"""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftrunner import events
from ftrunner.findings import SCHEMA_VERSION, Finding

SCHEMA = Path(__file__).parents[2] / "schemas" / "event.schema.json"
TYPES: dict[Any, Any] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Finding: {"$ref": "#/$defs/finding"},
    events.Checked: {"$ref": "#/$defs/check"},
    events.RowChanged: {"$ref": "#/$defs/row"},
    events.SliceCompared: {"$ref": "#/$defs/slice"},
}
NULLABLE_TEXT = {"type": ["string", "null"]}
NULLABLE_NUMBER = {"type": ["integer", "null"]}
FINDING = {
    "code": {"type": "string"},
    "severity": {"enum": ["error", "warning", "note"]},
    "message": {"type": "string"},
    "hint": NULLABLE_TEXT,
    "file": {"type": "string"},
    "line": NULLABLE_NUMBER,
    "column": NULLABLE_NUMBER,
    "path": NULLABLE_TEXT,
    "rows": {
        "description": "Where many rows of a data file have it: how many, of how many, and which.",
        "type": ["object", "null"],
        "properties": {
            "count": {"type": "integer"},
            "of": {"type": "integer"},
            "lines": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["count", "of", "lines"],
        "additionalProperties": False,
    },
}
# In every event where several specs are applied at once; optional elsewhere.
WHOSE = {"type": "string", "description": "With --parallel: which spec's run this is about."}
WHEN = {"type": "number", "description": "In a run's events.jsonl: when, in Unix seconds."}
ERROR = {
    "code": {"type": "string"},
    "message": {"type": "string"},
    "hint": NULLABLE_TEXT,
    "exit_code": {"type": "integer"},
    "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
}


def generated() -> dict[str, Any]:
    """The schema, from the event classes."""
    kinds = {
        kind.kind: kind
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, events.Event) and hasattr(kind, "kind")
    }
    reported = [
        kind
        for name, kind in kinds.items()
        if name not in ("checked", "row_changed", "slice_compared")
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ftrunner event",
        "description": "One line of `ftrunner apply --json` and of a run's events.jsonl.",
        "oneOf": [
            *(_variant(k.__name__, k.kind, inspect.getdoc(k), _properties(k)) for k in reported),
            _variant("Error", "error", "What ended the run early, and its exit code.", ERROR),
        ],
        "$defs": {
            "finding": _object("One fault, with its place.", FINDING),
            "check": _object(inspect.getdoc(events.Checked), _properties(events.Checked)),
            "row": _object(inspect.getdoc(events.RowChanged), _properties(events.RowChanged)),
            "slice": _object(
                inspect.getdoc(events.SliceCompared), _properties(events.SliceCompared)
            ),
        },
    }


def _variant(title: str, kind: str, description: str | None, properties: Any) -> dict[str, Any]:
    stamped = {"schema": {"const": SCHEMA_VERSION}, "event": {"const": kind}, **properties}
    variant = {"title": title, **_object(description, stamped)}
    about = {"spec": properties.get("spec", WHOSE), "at": WHEN}
    return {**variant, "properties": {**stamped, **about}}


def _object(description: str | None, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _properties(kind: type[events.Event]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {name: _type(hints[name]) for name in kind.__struct_fields__}


def _type(hint: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_type(argument) for argument in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0])}
    if origin is Mapping:
        return {"type": "object"}
    return TYPES[hint]


def rendered() -> str:
    return json.dumps(generated(), indent=2, ensure_ascii=False) + "\n"


def test_the_schema_is_fresh() -> None:
    fresh = SCHEMA.read_text(encoding="utf-8") == rendered()

    assert fresh, "stale: run `python -m tests.meta.test_event_schema`"


if __name__ == "__main__":
    SCHEMA.write_text(rendered(), encoding="utf-8")
