"""What commands print when they are done: for people, or as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DOCUMENT_VERSION = 2


def document(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A document of `schemas/document.schema.json`."""
    return {"schema": DOCUMENT_VERSION, "document": kind, **fields}
