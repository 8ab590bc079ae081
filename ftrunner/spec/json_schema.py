"""The JSON Schemas that users write into expectations."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import jsonschema_rs

from ftrunner.diagnostics import json_path


def compile_schema(schema: Any) -> jsonschema_rs.Validator:
    """A validator for a user's schema, 2020-12 unless it says otherwise.

    Fetches nothing: a reference to another document is an error. Raises ValueError with the
    place and the reason where the schema is not one.
    """
    foreign: list[str] = []

    def refuse(uri: str) -> NoReturn:
        foreign.append(uri)
        raise ValueError(uri)

    try:
        return jsonschema_rs.validator_for(schema, retriever=refuse)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        if foreign:
            raise ValueError(f"it refers to another document, {foreign[0]}") from error
        if isinstance(error, jsonschema_rs.ValidationError):
            raise ValueError(_reason(error)) from error
        raise ValueError(str(error)) from error


def _reason(error: jsonschema_rs.ValidationError) -> str:
    place = json_path(error.instance_path)
    return f"{place} cannot be {json.dumps(error.instance)}" if place else error.message
