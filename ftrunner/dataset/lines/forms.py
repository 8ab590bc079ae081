"""What a line may hold at one provider: a format's schema with the provider's own additions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from ftrunner.dataset.formats import Format
from ftrunner.document import schema

_TEXT = {"type": ["string", "null"]}


@dataclass(frozen=True, slots=True)
class Form:
    """A format as a provider takes it: who may speak, and which other keys a message may have.

    `roles` are all there are; None for those of the format's schema. Each of `message_keys` names
    a role and a key that holds a text.
    """

    format: Format
    roles: tuple[str, ...] | None = None
    message_keys: tuple[tuple[str, str], ...] = ()


@cache
def validator(form: Form) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a form; compiling takes a millisecond, so it is done once."""
    return jsonschema_rs.Draft202012Validator(schema_of(form))


@cache
def schema_of(form: Form) -> dict[str, Any]:
    """The JSON Schema of a line."""
    made: dict[str, Any] = json.loads(json.dumps(schema.load(f"dataset-{form.format}")))
    parts = made.get("$defs", {})
    if form.roles is not None:
        _take_roles(parts, form.roles)
    for role, key in form.message_keys:
        parts[f"{role}Message"]["properties"][key] = {"title": key.replace("_", " "), **_TEXT}
    return made


def _take_roles(parts: dict[str, Any], roles: tuple[str, ...]) -> None:
    message = parts["message"]
    message["properties"]["role"]["enum"] = list(roles)
    if "developer" in roles:
        # It says what a system message says, under the name that reasoning models know.
        is_developer = {"properties": {"role": {"const": "developer"}}, "required": ["role"]}
        message["allOf"].append(
            {"if": {"type": "object", **is_developer}, "then": {"$ref": "#/$defs/systemMessage"}}
        )
