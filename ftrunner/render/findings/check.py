"""What checks found, for people and as JSON: of specs with their data, or of data files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ftrunner.dataset.report import SplitReport
from ftrunner.findings import Finding
from ftrunner.render.documents import document
from ftrunner.render.documents.statistics import as_fields, line_of
from ftrunner.render.findings.text import render_findings, summary
from ftrunner.text import escaped


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A spec with its data, or data files alone, and what is wrong with them.

    `counts` has how many findings a code has; not all may be kept. `splits` are those that are
    shown, and `foreseen` is what a provider has announced.
    """

    findings: Sequence[Finding]
    counts: Mapping[str, int]
    is_valid: bool
    splits: Mapping[str, SplitReport] = field(default_factory=dict)
    tokens_unknown: str | None = None
    spec: str | None = None
    foreseen: Sequence[Finding] = ()


To = Literal["stdout", "stderr", "aside"]


class Printed(NamedTuple):
    """Text, or a document to be printed as JSON; `aside` is stderr, but nowhere with `-q`."""

    what: str | dict[str, Any]
    to: To = "stdout"


def as_text(results: Iterable[CheckResult]) -> Iterator[Printed]:
    """Findings with their excerpts, and what the data holds, as soon as each result is there."""
    for result in results:
        yield from _of_files(result) if result.spec is None else _of_spec(result, result.spec)


def _of_files(result: CheckResult) -> Iterator[Printed]:
    to: To = "stdout" if result.is_valid else "stderr"
    if result.findings:
        yield Printed(render_findings(result.findings, result.counts), to)
    for name, split in result.splits.items():
        yield Printed(line_of(name, split))
    if result.tokens_unknown:
        yield Printed(f"tokens were not counted: {result.tokens_unknown}")
    yield Printed(summary(result.findings, result.counts) or "no problems found", to)


def _of_spec(result: CheckResult, spec: str) -> Iterator[Printed]:
    to: To = "stdout" if result.is_valid else "stderr"
    if result.findings:
        yield Printed(render_findings(result.findings, result.counts), to)
        yield Printed(summary(result.findings, result.counts), to)
    if not result.is_valid:
        return
    yield Printed(f"{escaped(spec)}: valid")
    for name, split in result.splits.items():
        if split.tokens is not None:
            yield Printed(f"  {line_of(name, split)}")
    if result.tokens_unknown:
        yield Printed(f"  tokens were not counted: {result.tokens_unknown}")
    if result.foreseen:
        yield Printed(render_findings(result.foreseen), "aside")


def as_json(results: Iterable[CheckResult]) -> Iterator[Printed]:
    """A document for each result."""
    for result in results:
        fields: dict[str, Any] = {
            "valid": result.is_valid,
            "findings": [finding.as_dict() for finding in result.findings],
            "counts": dict(result.counts),
            "splits": {name: as_fields(split) for name, split in result.splits.items()},
        }
        if result.spec is None:
            yield Printed(document("data_check", fields))
        else:
            foreseen = [finding.as_dict() for finding in result.foreseen]
            of_spec = {"spec": result.spec, **fields, "foreseen": foreseen}
            yield Printed(document("validation", of_spec))
