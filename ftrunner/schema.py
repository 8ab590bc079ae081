"""The JSON Schemas, read from the data-only package they are installed as."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

# Installed, the folder is the package `ftrunner_schemas`; `python -m ftrunner` from a clone that
# was never installed finds it under its own name, beside the code.
_PACKAGE = "ftrunner_schemas" if find_spec("ftrunner_schemas") else "schemas"
_SUFFIX = ".schema.json"


def names() -> tuple[str, ...]:
    """The schemas there are, by the name `ftrunner schema NAME` takes."""
    entries = (entry.name for entry in files(_PACKAGE).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in entries if name.endswith(_SUFFIX)))


def text(name: str) -> str:
    """The schema `name` as its file has it. Raises FileNotFoundError for an unknown name."""
    return (files(_PACKAGE) / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


@cache
def load(name: str) -> dict[str, Any]:
    """The schema `name`, decoded; not to be changed by the caller."""
    schema: dict[str, Any] = json.loads(text(name))
    return schema
