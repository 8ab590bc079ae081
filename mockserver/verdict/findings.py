"""The findings of a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["fault", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """An action of a client, and the requests that show it."""

    rule: str
    severity: Severity
    message: str
    requests: tuple[int, ...] = ()


def is_clean(findings: Iterable[Finding]) -> bool:
    return all(finding.severity == "note" for finding in findings)
