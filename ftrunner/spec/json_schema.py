"""The JSON Schemas that users write into expectations."""

from __future__ import annotations

from typing import Any, NoReturn

import jsonschema_rs


def compile_schema(schema: Any) -> jsonschema_rs.Validator:
    """A validator for a user's schema, 2020-12 unless it says otherwise.

    Fetches nothing: a reference to another document is an error. Raises ValueError with the
    place and the reason where the schema is not one.
    """
    try:
        return jsonschema_rs.validator_for(schema, retriever=_refuse)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(part) for part in error.instance_path)
        raise ValueError(f"{place}: {error.message}" if place else error.message) from error
    except jsonschema_rs.ReferencingError as error:
        raise ValueError(str(error)) from error


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is another document; write it out under $defs")
