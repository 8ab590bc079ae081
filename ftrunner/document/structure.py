"""A document against its schema.

Most documents are right. The Rust validator says so at once; the Python one, which takes longer to
load than the rest of a command, explains what is wrong with the others.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from math import inf, nan, nextafter
from typing import Any

import jsonschema_rs

from ftrunner import schema
from ftrunner.document.document import Document
from ftrunner.findings import Finding

_ALL_WHOLE = 2.0**52  # From here on every float is a whole number; a schema takes no NaN.


def check_structure(document: Document, *, kind: str = "spec") -> list[Finding]:
    """What the schema of this `kind` refuses. Places with a finding already get no second one."""
    if _is_right(document.root, kind):
        return []
    explainer = import_module("ftrunner.document.structure_faults")
    findings: list[Finding] = explainer.structure_faults(document, kind)
    return findings


def _is_right(root: object, kind: str) -> bool:
    """Whether it surely is. `10.0` is not an integer here: it would start another training."""
    validator = _validator(kind)
    try:
        return validator.is_valid(root) and validator.is_valid(_without_whole_floats(root))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return False


def _without_whole_floats(value: Any) -> Any:
    """`value` with the next float in place of each whole one, and none that is whole."""
    if isinstance(value, dict):
        return {key: _without_whole_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_whole_floats(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return nextafter(value, inf) if abs(value) < _ALL_WHOLE else nan
    return value


@cache
def _validator(kind: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema.load(kind))
