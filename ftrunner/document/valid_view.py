"""The parts of a document that have no finding yet, so that a rule meets well-typed values only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from ftrunner.document.document import Document
from ftrunner.document.source import KeyPath
from ftrunner.findings import Finding, json_path

_STEP = re.compile(r"[.\[]")


class ValidView:
    """A view of a document for rules. What the schema refused is not there, nor what is in it."""

    def __init__(self, document: Document, findings: Iterable[Finding]) -> None:
        self._root = document.root
        self._source = document.source
        self._faulty = {finding.location.path for finding in findings}
        self._around = {
            place[: step.start()] for place in self._faulty for step in _STEP.finditer(place)
        }

    def get(self, *path: str | int) -> Any:
        """The value at `path`; None where there is none, or a fault in, at or above it."""
        if self._around and json_path(path) in self._around:
            return None
        return self._value(path)

    def has(self, *path: str | int) -> bool:
        """Whether `path` is written at all, rightly or wrongly."""
        value = self._root
        for part in path:
            if not _contains(value, part):
                return False
            value = value[part]
        return True

    def is_mapping(self, path: KeyPath) -> bool:
        """Whether there is a mapping at `path`, whatever faults it has inside."""
        return isinstance(self._value(path), dict)

    def inside(self, *path: str | int) -> Iterator[KeyPath]:
        """The paths of a mapping's or list's members, whatever faults they have."""
        value = self._value(path)
        if isinstance(value, dict | list):
            parts: Iterable[str | int] = value if isinstance(value, dict) else range(len(value))
            yield from ((*path, part) for part in parts)

    def texts(self, *path: str | int) -> Iterator[tuple[KeyPath, str]]:
        """All texts at or inside `path` that have no finding, each with its path."""
        return self._texts(path, self._value(path))

    def _texts(self, path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, str]]:
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict | list):
            for part, member in value.items() if isinstance(value, dict) else enumerate(value):
                inner = (*path, part)
                if not self._is_faulty(inner):
                    yield from self._texts(inner, member)

    def may_show(self, path: KeyPath) -> bool:
        """Whether the value at `path` may be quoted."""
        return not self._source.hides(path)

    def finding(
        self,
        code: str,
        path: KeyPath,
        message: str,
        *,
        hint: str | None = None,
        at: Literal["key", "value"] = "value",
    ) -> Finding:
        """A finding of a rule about `path`."""
        return self._source.finding(code, path, message, hint=hint, at=at)

    def shown(self, path: KeyPath) -> str:
        """The value at `path` as a message may quote it."""
        return self._source.shown(path, self.get(*path))

    def detail(self, path: KeyPath, reason: str) -> str:
        """`: reason`, unless that could quote what is hidden at or in `path`."""
        return "" if self._source.hides(path) else f": {reason}"

    def _value(self, path: KeyPath) -> Any:
        value = self._root
        for part in path:
            if not _contains(value, part):
                return None
            value = value[part]
        ways = (path[:length] for length in range(1, len(path) + 1))
        return None if self._faulty and any(map(self._is_faulty, ways)) else value

    def _is_faulty(self, path: KeyPath) -> bool:
        return bool(self._faulty) and json_path(path) in self._faulty


def _contains(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)
