"""Findings as GitHub workflow commands, which become annotations in a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from ftrunner.findings import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_commands(findings: Iterable[Finding]) -> str:
    """One command a line: `::error file=data/a.jsonl,line=7,title=FT224::…`."""
    return "\n".join(map(_command, findings))


def _command(finding: Finding) -> str:
    place = finding.location
    properties = {
        "file": place.file,
        "line": place.line,
        "col": place.column,
        "title": finding.code,
    }
    shown = ",".join(
        f"{name}={_property(value)}" for name, value in properties.items() if value is not None
    )
    where = f"{place.path}: " if place.path else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"::{_COMMANDS[finding.severity]} {shown}::{_data(f'{where}{finding.message}{hint}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")
