"""Findings about a spec, at their place where the text is known."""

from __future__ import annotations

from typing import Literal

from ftrunner.findings import Finding, Location, json_path
from ftrunner.spec.model import Spec


def point(
    spec: Spec,
    path: tuple[str | int, ...],
    *,
    code: str,
    message: str,
    hint: str | None = None,
    at: Literal["key", "value"] = "value",
) -> Finding:
    """A finding about the key or value at `path` of `spec`."""
    if spec.source is None:
        return Finding(code, message, Location(str(spec.path), path=json_path(path)), hint)
    return spec.source.finding(code, path, message, hint=hint, at=at)
