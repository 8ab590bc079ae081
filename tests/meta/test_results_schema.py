"""`schemas/results.schema.json` describes exactly what `results.json` holds.

`python -m tests.meta.test_results_schema` writes it again.
"""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from ftrunner.state import results
from ftrunner.state.results import RunResults

SCHEMA = Path(__file__).parents[2] / "schemas" / "results.schema.json"
TYPES: dict[Any, Any] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}
CLOSED = {
    ("RunResults", "version"): {"const": results.VERSION},
    ("RunResults", "outcome"): {"enum": ["passed", "failed", "not_enough_evidence", "no_tests"]},
    ("KeptGate", "result"): {"enum": ["passed", "failed", "undecided", "skipped"]},
}


def generated() -> dict[str, Any]:
    """The schema, from the classes."""
    parts = [
        part
        for part in vars(results).values()
        if isinstance(part, type) and is_dataclass(part) and part is not RunResults
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ftrunner results",
        **described(RunResults, inspect.getdoc(results)),
        "$defs": {part.__name__: described(part) for part in parts},
    }


def described(part: type, description: str | None = None) -> dict[str, Any]:
    hints = typing.get_type_hints(part)
    properties = {
        field.name: CLOSED.get((part.__name__, field.name)) or form(hints[field.name])
        for field in fields(part)
    }
    return {
        "description": description or inspect.getdoc(part),
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields(part) if is_required(field)],
        "additionalProperties": False,
    }


def is_required(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def form(hint: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [form(argument) for argument in arguments]}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": form(arguments[1])}
    if origin is tuple and arguments[-1] is not Ellipsis:
        return {"type": "array", "prefixItems": [form(each) for each in arguments]}
    if origin is tuple:
        return {"type": "array", "items": form(arguments[0])}
    return TYPES[hint]


def rendered() -> str:
    return json.dumps(generated(), indent=2, ensure_ascii=False) + "\n"


def test_the_schema_is_fresh() -> None:
    fresh = SCHEMA.read_text(encoding="utf-8") == rendered()

    assert fresh, "stale: run `python -m tests.meta.test_results_schema`"


if __name__ == "__main__":
    SCHEMA.write_text(rendered(), encoding="utf-8")
