"""The JSON Schemas, read from the data-only package they are installed as."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Installed, the folder is the package `ftrunner_schemas`; `python -m ftrunner` from a clone that
# was never installed finds it under its own name, beside the code.
_PACKAGE = find_spec("ftrunner_schemas") or find_spec("schemas")
_FOLDER = Path(getattr(_PACKAGE, "origin", "")).parent
_SUFFIX = ".schema.json"


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
