"""The JSON Schemas that users write into expectations."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import jsonschema_rs

from ftrunner.findings import json_path


def compile_schema(schema: Any) -> jsonschema_rs.Validator:
    """A validator for a user's schema, 2020-12 unless it says otherwise.

    Fetches nothing: a reference to another document is an error. Raises ValueError with the
    place and the reason where the schema is not one.
    """
    refused: list[str] = []

    def refuse(uri: str) -> NoReturn:
        refused.append(uri)
        raise ValueError(uri)

    try:
        return jsonschema_rs.validator_for(schema, retriever=refuse)
    except jsonschema_rs.ValidationError as error:
        raise ValueError(_foreign(refused) or _reason(error)) from error
    except jsonschema_rs.ReferencingError as error:
        raise ValueError(_foreign(refused) or str(error)) from error


def _foreign(refused: list[str]) -> str:
    return f"it refers to another document, {refused[0]}" if refused else ""


def _reason(error: jsonschema_rs.ValidationError) -> str:
    place = json_path(error.instance_path)
    return f"{place} cannot be {json.dumps(error.instance)}" if place else error.message
