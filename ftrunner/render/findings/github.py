"""GitHub workflow commands, which become annotations in a pull request.

GitHub shows ten of a kind for a step; what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ftrunner.errors import FtrunnerError, InvalidInput
from ftrunner.findings import Finding, Severity
from ftrunner.render.findings.check import CheckResult, Printed, as_text

MOST = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_annotations(results: Iterable[CheckResult]) -> Iterator[Printed]:
    """The text of each result on stderr, then annotations of all, errors first."""
    found: list[Finding] = []
    for result in results:
        for text in as_text([result]):
            yield text._replace(to="aside") if text.to == "stdout" else text
        found += result.findings
    if found:
        yield Printed(as_commands(found))


def of_error(error: FtrunnerError) -> str:
    """What a command failed with: each of its findings, or its message."""
    if isinstance(error, InvalidInput):
        return as_commands(error.findings)
    return as_command("error", _with_hint(error.message, error.hint), title=error.code)


def as_commands(findings: Sequence[Finding]) -> str:
    """One command a line: `::error file=data/a.jsonl,line=7,title=FT224::…`."""
    lines: list[str] = []
    for severity, level in _COMMANDS.items():
        kind = [_command(finding) for finding in findings if finding.severity is severity]
        lines += bounded(level, kind, "the log")
    return "\n".join(lines)


def _command(finding: Finding) -> str:
    place = finding.location
    where = f"{place.path}: " if place.path else ""
    return as_command(
        _COMMANDS[finding.severity],
        f"{where}{_with_hint(finding.message, finding.hint)}",
        file=place.file,
        line=place.line,
        col=place.column,
        title=finding.code,
    )


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message} ({hint})" if hint else message


def bounded(level: str, commands: Sequence[str], where: str) -> Sequence[str]:
    """As many of the commands as GitHub shows; `where` has the others."""
    if len(commands) <= MOST:
        return commands
    left = len(commands) - MOST + 1
    return [*commands[: MOST - 1], as_command(level, f"{left:,} more; see {where}")]


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
