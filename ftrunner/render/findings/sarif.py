"""Findings as SARIF 2.1.0, which code scanners and editors read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from ftrunner import __version__, catalogue
from ftrunner.catalogue import Explanation
from ftrunner.findings import Finding
from ftrunner.render.findings.check import CheckResult, Printed

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(results: Iterable[CheckResult]) -> Iterator[Printed]:
    """One document with the findings of all results."""
    findings = [finding for result in results for finding in result.findings]
    yield Printed(as_document(findings, version=__version__, explain=catalogue.explain))


def as_document(
    findings: Iterable[Finding], *, version: str, explain: Callable[[str], Explanation | None]
) -> dict[str, Any]:
    """One run of ftrunner `version`; `explain` says what each code means."""
    found = list(findings)
    rules = {code: _rule(code, explain(code)) for code in sorted({f.code for f in found})}
    driver = {"name": "ftrunner", "version": version, "rules": list(rules.values())}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": list(map(_result, found)),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, explanation: Explanation | None) -> dict[str, Any]:
    if explanation is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": explanation.title},
        "fullDescription": {"text": explanation.cause},
        "help": {"text": explanation.fix},
    }


def _result(finding: Finding) -> dict[str, Any]:
    place = finding.location
    region = {"startLine": place.line, "startColumn": place.column}
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(place.file)}}
    if place.line is not None:
        physical["region"] = {key: value for key, value in region.items() if value is not None}
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.path:
        location["logicalLocations"] = [{"fullyQualifiedName": place.path}]
    hint = f" ({finding.hint})" if finding.hint else ""
    return {
        "ruleId": finding.code,
        "level": str(finding.severity),
        "message": {"text": f"{finding.message}{hint}"},
        "locations": [location],
    }
