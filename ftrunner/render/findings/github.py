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
    where = f"{place.path}: " if place.path else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return as_command(
        _COMMANDS[finding.severity],
        f"{where}{finding.message}{hint}",
        file=place.file,
        line=place.line,
        col=place.column,
        title=finding.code,
    )


def as_command(level: str, message: str, **properties: object) -> str:
    """One command: an error, warning or notice with those properties that are not None."""
    shown = ",".join(
        f"{name}={_property(value)}" for name, value in properties.items() if value is not None
    )
    return f"::{level}{' ' if shown else ''}{shown}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")
