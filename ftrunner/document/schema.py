"""The JSON Schemas, read from the data-only package they are installed as, and what they refuse.

Most documents are right. The Rust validator says so at once; the Python one, which takes longer to
load than the rest of a command, explains what is wrong with the others.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from math import inf, isfinite, nextafter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from ftrunner.document.document import Document
    from ftrunner.findings import Finding

# Installed, the folder is the package `ftrunner_schemas`; `python -m ftrunner` from a clone that
# was never installed finds it under its own name, beside the code.
_PACKAGE = find_spec("ftrunner_schemas") or find_spec("schemas")
_FOLDER = Path(getattr(_PACKAGE, "origin", "")).parent
_SUFFIX = ".schema.json"
_ALL_WHOLE = 2.0**52  # From here on every float is a whole number.


def names() -> tuple[str, ...]:
    """The schemas there are, by the name `ftrunner schema NAME` takes."""
    names = (path.name for path in _FOLDER.glob(f"*{_SUFFIX}"))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names))


def text(name: str) -> str:
    """The schema `name` as its file has it. Raises FileNotFoundError for an unknown name."""
    return (_FOLDER / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


@cache
def load(name: str) -> dict[str, Any]:
    """The schema `name`, decoded; not to be changed by the caller."""
    schema: dict[str, Any] = json.loads(text(name))
    return schema


def check_structure(document: Document, *, kind: str = "spec") -> list[Finding]:
    """What the schema of this `kind` refuses. Places with a finding already get no second one."""
    if _is_right(document.root, kind):
        return []
    explainer = import_module("ftrunner.document.structure_faults")
    findings: list[Finding] = explainer.structure_faults(document, kind)
    return findings


def _is_right(root: object, kind: str) -> bool:
    """Whether it surely is. `10.0` is not an integer here: it would start another training. Nor is
    infinity null, as some versions of the validator have it.
    """
    validator = _validator(kind)
    try:
        if not validator.is_valid(root):
            return False
        return not _has_odd_float(root) or validator.is_valid(_without_odd_floats(root))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return False


def _has_odd_float(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_odd_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_odd_float, value))
    return _is_odd(value)


def _without_odd_floats(value: Any) -> Any:
    """`value` with a fraction near each odd float, where there is one, in its place."""
    if isinstance(value, dict):
        return {key: _without_odd_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_odd_floats(inner) for inner in value]
    if _is_odd(value):
        return nextafter(value, inf) if abs(value) < _ALL_WHOLE else 0.5
    return value


def _is_odd(value: object) -> bool:
    """Whether it is a float that a validator may take for an integer, or for null."""
    return isinstance(value, float) and (value.is_integer() or not isfinite(value))


@cache
def _validator(kind: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(load(kind))
