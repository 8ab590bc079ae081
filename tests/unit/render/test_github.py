from __future__ import annotations

from ftrunner.findings import Finding, Location, Severity
from ftrunner.render.findings.github import as_commands


def test_each_severity_has_its_command() -> None:
    found = [Finding("FT1", "m", Location("a"), severity=severity) for severity in Severity]

    shown = as_commands(found).splitlines()

    assert [line.split()[0] for line in shown] == ["::error", "::warning", "::notice"]


def test_what_would_end_a_command_is_escaped() -> None:
    finding = Finding("FT1", "50% of\nlines", Location("a,b:c.jsonl", 7, 3))

    assert as_commands([finding]) == (
        "::error file=a%2Cb%3Ac.jsonl,line=7,col=3,title=FT1::50%25 of%0Alines"
    )


def test_nothing_found_is_nothing_said() -> None:
    assert as_commands([]) == ""
